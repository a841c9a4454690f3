import { ChainKeys } from '#libs/audit';
import { readInstallation } from '#libs/database';
import { SecretKeys, SecretsConfig } from '#libs/secrets';
import { defineCheckoutCommand } from '../cli-command.js';
import { NoInput } from '../command-input.js';

export const showPublicKey = defineCheckoutCommand({
  name: 'public-key',
  summary: 'Print the public key that verifies the checkpoints of this installation.',
  notes:
    'Keep it where whoever can change this installation cannot change it. It belongs to SECRET_KEY: when that is rotated,\n' +
    'a new one begins, and checkpoints from before keep the old one. Needs no database.',
  examples: { 'audit public-key': 'what to give to `keyward audit verify --public-key`' },
  input: NoInput,
  flags: {},
  run: () => {
    readInstallation();
    const { publicKey } = new ChainKeys(new SecretKeys(new SecretsConfig()));
    return Promise.resolve({ data: { publicKey }, text: publicKey });
  },
});
