import { Argument, Option } from 'commander';
import { KeyRotation, RotateApiKeyRequest } from '#libs/api-keys';
import { defineCommand } from '../cli-command.js';
import { wholeNumber } from '../command-input.js';
import { commandLine } from '../session.js';
import { newKeyAnswer } from './new-key.answer.js';
import { IsId } from '#libs/http';

class RotateKeyInput extends RotateApiKeyRequest {
  @IsId()
  id: string;
}

export const rotateKey = defineCommand({
  name: 'rotate',
  summary: 'Replace a key by one with a new secret and the same settings.',
  notes:
    'The new key is shown this once and kept nowhere. The old one stops at once, or works beside it for the time of grace.',
  examples: {
    'keys rotate 0193e5a0-7b1c-7cc3-98c4-dc0c0c07398f': 'the old key stops working now',
    'keys rotate 0193e5a0-7b1c-7cc3-98c4-dc0c0c07398f --grace-seconds 86400 --json': 'both keys work for a day',
  },
  input: RotateKeyInput,
  flags: {
    id: new Argument('<id>', 'id of the key to replace'),
    graceSeconds: new Option(
      '--grace-seconds <seconds>',
      'how long the old key still works, 0 to 2592000 (default: 0)',
    ).argParser(wholeNumber),
  },
  run: async (session, { id, graceSeconds = 0 }) => {
    const app = await session.application();
    const successor = await app.get(KeyRotation, { strict: false }).rotate(commandLine, 'all', id, graceSeconds);
    const until = graceSeconds === 0 ? 'has stopped working' : `works for another ${graceSeconds} s`;
    return newKeyAnswer(successor, `Rotated the key ${id}, which ${until}.`);
  },
});
