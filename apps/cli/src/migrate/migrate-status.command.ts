import { migrationStatus } from '#libs/database';
import { defineCommand } from '../cli-command.js';
import { NoInput } from '../command-input.js';
import { ExitCode } from '../exit-code.js';

export const migrateStatus = defineCommand({
  name: 'status',
  summary: 'Show which migrations are applied and which are pending.',
  notes: 'Ends with 0 when none is pending and with 1 when some are, so that a script can ask.',
  examples: {
    'migrate status': 'for a person',
    'migrate status --json': 'for a script: {"applied": [names], "pending": [names]}',
  },
  input: NoInput,
  flags: {},
  run: async ({ ownerUrl }) => {
    const { applied, pending } = await migrationStatus(ownerUrl);
    const lines = [...applied.map((name) => `applied  ${name}`), ...pending.map((name) => `pending  ${name}`)];
    const text = [
      ...lines,
      pending.length === 0 ? 'The schema is up to date.' : 'Apply what is pending with `keyward migrate up`.',
    ].join('\n');
    return { data: { applied, pending }, text, exitCode: pending.length === 0 ? ExitCode.done : ExitCode.refused };
  },
});
