import { Argument, Option } from 'commander';
import { ApiKeysService, RevokeApiKeyQuery } from '#libs/api-keys';
import { defineCommand } from '../cli-command.js';
import { printable } from '../plain-text.js';
import { commandLine } from '../session.js';
import { IsId } from '#libs/http';

class RevokeKeyInput extends RevokeApiKeyQuery {
  @IsId()
  id: string;
}

export const revokeKey = defineCommand({
  name: 'revoke',
  summary: 'Revoke a key: every server refuses it from now on, for good.',
  examples: {
    'keys revoke 0193e5a0-7b1c-7cc3-98c4-dc0c0c07398f --reason "leaked in a public repository"':
      'the id stands in `keyward keys list`, and in the key itself after its environment',
  },
  input: RevokeKeyInput,
  flags: {
    id: new Argument('<id>', 'id of the key'),
    reason: new Option('--reason <text>', 'kept with the key and in the audit log'),
  },
  run: async (session, { id, reason }) => {
    const app = await session.application();
    const keys = app.get(ApiKeysService, { strict: false });
    await keys.revoke(commandLine, 'all', id, reason);
    const key = await keys.read(commandLine, 'all', id);
    return { data: key, text: `Revoked the key ${key.id} (${printable(key.name)}).` };
  },
});
