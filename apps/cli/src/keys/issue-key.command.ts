import { Length } from 'class-validator';
import { Option } from 'commander';
import { ApiKeyIssuer, IssueApiKeyRequest } from '#libs/api-keys';
import { defineCommand } from '../cli-command.js';
import { commaSeparated, wholeNumber } from '../command-input.js';
import { printable } from '../plain-text.js';
import { commandLine } from '../session.js';
import { findOwner } from './key-owner.js';
import { newKeyAnswer } from './new-key.answer.js';

class IssueKeyInput extends IssueApiKeyRequest {
  @Length(1, 254)
  owner: string;
}

export const issueKey = defineCommand({
  name: 'issue',
  summary: 'Issue a key for a user.',
  notes: 'The key is shown this once and kept nowhere. A key never does more than the roles of its owner allow.',
  examples: {
    'keys issue --owner ada@example.com --name "nightly import"': 'whatever the roles of ada allow, without an end',
    'keys issue --owner ada@example.com --name ci --permissions users:read,analytics:read --expires-in-days 90':
      'two permissions for 90 days',
    'keys issue --owner ada@example.com --name office --address 192.0.2.0/24 2001:db8::/32 --json':
      'only from two networks; the answer as JSON',
  },
  input: IssueKeyInput,
  flags: {
    owner: new Option('--owner <user>', 'e-mail address or id of the user whose key it will be').makeOptionMandatory(),
    name: new Option('--name <name>', 'what the key is for').makeOptionMandatory(),
    environment: new Option(
      '--environment <name>',
      'one of KEYWARD_ENVIRONMENTS (default: the first, or KEYWARD_ENVIRONMENT)',
    ),
    permissions: new Option(
      '--permissions <list>',
      'comma-separated, such as users:read,analytics:*; "" grants nothing (default: *)',
    ).argParser(commaSeparated),
    expiresInDays: new Option(
      '--expires-in-days <days>',
      'when the key stops working, 1 to 36500 (default: never)',
    ).argParser(wholeNumber),
    allowedAddresses: new Option(
      '--address <cidr...>',
      'addresses or CIDR ranges from which it works (default: everywhere)',
    ),
  },
  run: async (session, input) => {
    const app = await session.application();
    const owner = await findOwner(app, input.owner);
    const issued = await app.get(ApiKeyIssuer, { strict: false }).issue(commandLine, owner, input);
    return newKeyAnswer(issued, `Issued a key for ${printable(input.owner)}.`);
  },
});
