import { Length } from 'class-validator';
import { Option } from 'commander';
import { ApiKeyListQuery, ApiKeysService } from '#libs/api-keys';
import { Optional } from '#libs/http';
import { defineCommand } from '../cli-command.js';
import { wholeNumber } from '../command-input.js';
import { minute, table } from '../plain-text.js';
import { commandLine } from '../session.js';
import { findOwner } from './key-owner.js';

class ListKeysInput extends ApiKeyListQuery {
  @Optional()
  @Length(1, 254)
  owner?: string;
}

const heading = ['ID', 'STATUS', 'ENVIRONMENT', 'NAME', 'OWNER', 'EXPIRES', 'LAST USED'];

export const listKeys = defineCommand({
  name: 'list',
  summary: 'List keys, newest first.',
  notes:
    'Secrets are not kept and so not shown. As JSON the answer is a page of the API: {"items": [...], "next": ...}.',
  examples: {
    'keys list --owner ada@example.com --status active': 'what ada can use now',
    'keys list --search import --limit 100': 'keys with "import" in their name or description',
    'keys list --json --after <next>': 'the page after the one that ended with this `next`',
  },
  input: ListKeysInput,
  flags: {
    owner: new Option('--owner <user>', 'only those of the user with this e-mail address or id'),
    status: new Option('--status <status>', 'only active, disabled, expired, revoked or rotating ones'),
    environment: new Option('--environment <name>', 'only those of an environment'),
    search: new Option('--search <text>', 'part of name or description in any case, or the id'),
    limit: new Option('--limit <number>', 'how many at most, 1 to 100 (default: 20)').argParser(wholeNumber),
    after: new Option('--after <cursor>', '`next` of the previous page'),
  },
  run: async (session, { owner, ...filters }) => {
    const app = await session.application();
    const ownerId = owner === undefined ? undefined : (await findOwner(app, owner)).id;
    const query = Object.assign(new ApiKeyListQuery(), filters, { ownerId });
    const page = await app.get(ApiKeysService, { strict: false }).list(commandLine, 'all', query);
    const rows = page.items.map((key) => [
      key.id,
      key.status,
      key.environment,
      key.name,
      key.ownerId,
      minute(key.expiresAt),
      minute(key.lastUsedAt),
    ]);
    const more = page.next === null ? '' : `\n\nThere are more: repeat the command with --after ${page.next}`;
    return { data: page, text: rows.length === 0 ? 'There are no such keys.' : table(heading, rows) + more };
  },
});
