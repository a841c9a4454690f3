import { PickType } from '@nestjs/swagger';
import { Option } from 'commander';
import { AdministratorCreator } from '#libs/api-keys';
import { CreateUserRequest } from '#libs/users';
import { defineCommand } from '../cli-command.js';
import { facts } from '../plain-text.js';
import { commandLine } from '../session.js';

class CreateAdministratorInput extends PickType(CreateUserRequest, ['email']) {}

export const createAdministrator = defineCommand({
  name: 'create',
  summary: 'Create an administrator with a key that may do everything.',
  notes: 'The key is shown this once and kept nowhere. An empty database is given its schema first.',
  examples: {
    'admin create --email ada@example.com': 'a further administrator, or the first',
    'admin create --email ops@example.com --json': 'for a script: {"userId": ..., "keyId": ..., "key": ...}',
  },
  input: CreateAdministratorInput,
  flags: {
    email: new Option(
      '--email <address>',
      'e-mail address of the administrator; no other user may have it',
    ).makeOptionMandatory(),
  },
  run: async (session, { email }) => {
    const app = await session.application();
    const { userId, keyId, key } = await app.get(AdministratorCreator, { strict: false }).create(commandLine, email);
    const text = `Created the administrator ${email}.\n${facts({ 'user id': userId, 'key id': keyId, 'key (shown once)': key })}`;
    return { data: { userId, keyId, key }, text };
  },
});
