import { IsBoolean } from 'class-validator';
import { Option } from 'commander';
import { migrateDown as takeBack, migrationStatus } from '#libs/database';
import { Optional } from '#libs/http';
import { defineCommand } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';
import { changingSchema } from './migration-failure.js';

class MigrateDownInput {
  @Optional()
  @IsBoolean()
  yes?: boolean;
}

export const migrateDown = defineCommand({
  name: 'down',
  summary: 'Take the newest migration back, with the data that it made room for.',
  notes: 'Stop the servers of this version first: they need the schema that goes. Nothing is done without --yes.',
  examples: {
    'migrate down': 'says which migration it would be',
    'migrate down --yes': 'takes it back',
  },
  input: MigrateDownInput,
  flags: {
    yes: new Option('--yes', 'do it; tables and columns that the migration made are lost with what is in them'),
  },
  run: async ({ ownerUrl }, { yes }) => {
    const newest = (await migrationStatus(ownerUrl)).applied.at(-1);
    if (newest === undefined)
      return { data: { reverted: null }, text: 'No migration has been applied; there is nothing to take back.' };
    if (yes !== true) {
      throw new CommandRefused(
        `This would take back ${newest}; the tables and columns that it made would be lost with what is in them.\n` +
          'Repeat the command with --yes to do it.',
        ExitCode.usage,
      );
    }
    const reverted = (await changingSchema(() => takeBack(ownerUrl))) ?? null;
    return { data: { reverted }, text: `Took back ${reverted ?? 'nothing: somebody else was faster'}.` };
  },
});
