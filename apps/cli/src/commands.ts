import { createAdministrator } from './admin/create-administrator.command.js';
import type { CliCommand, CommandGroup } from './cli-command.js';
import { generateFeature } from './generate/generate-feature.command.js';
import { issueKey } from './keys/issue-key.command.js';
import { listKeys } from './keys/list-keys.command.js';
import { revokeKey } from './keys/revoke-key.command.js';
import { rotateKey } from './keys/rotate-key.command.js';
import { migrateDown } from './migrate/migrate-down.command.js';
import { migrateStatus } from './migrate/migrate-status.command.js';
import { migrateUp } from './migrate/migrate-up.command.js';

/** Everything that `keyward` can do. A command is one file and its name here. */
export const commands: readonly (CommandGroup | CliCommand)[] = [
  { name: 'admin', summary: 'Create administrators.', commands: [createAdministrator] },
  { name: 'generate', summary: 'Begin a feature of your own, in a checkout.', commands: [generateFeature] },
  {
    name: 'keys',
    summary: 'Issue, list, revoke and rotate API keys.',
    commands: [issueKey, listKeys, revokeKey, rotateKey],
  },
  {
    name: 'migrate',
    summary: 'Bring the database schema up to date, or back.',
    commands: [migrateUp, migrateDown, migrateStatus],
  },
];
