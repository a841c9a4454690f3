import { createAdministrator } from './admin/create-administrator.command.js';
import { archiveAudit } from './audit/archive-audit.command.js';
import { reportAudit } from './audit/report-audit.command.js';
import { showPublicKey } from './audit/show-public-key.command.js';
import { verifyAudit } from './audit/verify-audit.command.js';
import type { CliCommand, CommandGroup } from './cli-command.js';
import { grantDatabase } from './database/grant-database.command.js';
import { generateFeature } from './generate/generate-feature.command.js';
import { importKeys } from './keys/import-keys.command.js';
import { issueKey } from './keys/issue-key.command.js';
import { listKeys } from './keys/list-keys.command.js';
import { revokeKey } from './keys/revoke-key.command.js';
import { rotateKey } from './keys/rotate-key.command.js';
import { migrateDown } from './migrate/migrate-down.command.js';
import { migrateStatus } from './migrate/migrate-status.command.js';
import { migrateUp } from './migrate/migrate-up.command.js';
import { importLegacyUsers } from './users/import-legacy.command.js';

/** Everything that `keyward` can do. A command is one file and its name here. */
export const commands: readonly (CommandGroup | CliCommand)[] = [
  { name: 'admin', summary: 'Create administrators.', commands: [createAdministrator] },
  { name: 'database', summary: 'Say who may work on the database.', commands: [grantDatabase] },
  {
    name: 'audit',
    summary: 'Verify the audit log and give evidence from it.',
    commands: [verifyAudit, showPublicKey, archiveAudit, reportAudit],
  },
  { name: 'generate', summary: 'Begin a feature of your own, in a checkout.', commands: [generateFeature] },
  {
    name: 'keys',
    summary: 'Issue, list, revoke, rotate and import API keys.',
    commands: [issueKey, listKeys, revokeKey, rotateKey, importKeys],
  },
  {
    name: 'migrate',
    summary: 'Bring the database schema up to date, or back.',
    commands: [migrateUp, migrateDown, migrateStatus],
  },
  { name: 'users', summary: 'Take in users of another system.', commands: [importLegacyUsers] },
];
