import { migrateUp as applyMigrations } from '#libs/database';
import { defineCommand } from '../cli-command.js';
import { NoInput } from '../command-input.js';
import { changingSchema } from './migration-failure.js';

export const migrateUp = defineCommand({
  name: 'up',
  summary: 'Apply all pending migrations in one transaction.',
  notes: 'The server does the same when it starts. Any number of them may run at once: they take turns.',
  examples: {
    'migrate up': 'before the new version starts, under a role that may change the schema',
    'migrate up --json': 'for a script: {"applied": [names]}',
  },
  input: NoInput,
  flags: {},
  run: async ({ ownerUrl }) => {
    const applied = await changingSchema(() => applyMigrations(ownerUrl));
    const text =
      applied.length === 0 ? 'The schema is up to date; nothing was applied.' : ['Applied:', ...applied].join('\n  ');
    return { data: { applied }, text };
  },
});
