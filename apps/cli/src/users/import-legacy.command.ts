import { IsBoolean, Length } from 'class-validator';
import { Option } from 'commander';
import { Optional } from '#libs/http';
import { LegacyUserImporter } from '#libs/users';
import { defineCommand } from '../cli-command.js';
import { type Columns, csvRows } from '../rows/csv-rows.js';
import { followImport } from '../rows/import-run.js';
import { openRows } from '../rows/row-file.js';
import { commandLine } from '../session.js';

class ImportLegacyInput {
  @Length(1, 4096)
  file: string;

  @Optional()
  @IsBoolean()
  dryRun?: boolean;

  @Optional()
  @Length(1, 4096)
  results?: string;
}

const columns: Columns = { required: ['email', 'sha256'], optional: ['name', 'organization'], maybeUnnamed: true };

export const importLegacyUsers = defineCommand({
  name: 'import-legacy',
  summary: 'Take in users of another system, each with the SHA-256 of their one key, which keeps working.',
  notes: `CSV with the columns email and sha256 (64 hex digits) and, if you like, name and organization (a slug; default: default).
The first line may name the columns; else they are in this order. Who is not there is created with the role user; who is there
without a legacy key is given this one. The key does what the roles of its user allow, as all legacy keys do. A row that fails
does not keep the others out, and the same file again changes nothing.`,
  examples: {
    'users import-legacy --file users.csv --dry-run': 'says what would become of each row, and keeps nothing',
    'users import-legacy --file - --json': 'from standard input; the answer as JSON',
  },
  input: ImportLegacyInput,
  flags: {
    file: new Option('--file <file>', 'a CSV file, or - for standard input').makeOptionMandatory(),
    dryRun: new Option('--dry-run', 'check everything and keep nothing'),
    results: new Option('--results <file>', 'write what became of each row there, as JSON lines'),
  },
  run: async (session, { file, dryRun = false, results }) => {
    const app = await session.application();
    const rows = csvRows(await openRows(file), columns, (cells) => cells);
    const outcomes = app.get(LegacyUserImporter, { strict: false }).import(commandLine, rows, dryRun);
    const words = { created: 'created', completed: 'given their key', exists: 'there already' };
    return followImport(outcomes, { dryRun, results, words });
  },
});
