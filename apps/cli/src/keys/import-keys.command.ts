import { extname } from 'node:path';
import { IsBoolean, IsIn, Length } from 'class-validator';
import { Option } from 'commander';
import { KeyImporter } from '#libs/api-keys';
import { Optional } from '#libs/http';
import { defineCommand } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';
import { csvRows } from '../rows/csv-rows.js';
import { followImport } from '../rows/import-run.js';
import { jsonRows } from '../rows/json-rows.js';
import { openRows } from '../rows/row-file.js';
import { commandLine } from '../session.js';
import { keyColumns, keyRow } from './key-columns.js';

const formats = ['csv', 'jsonl'] as const;

class ImportKeysInput {
  @Length(1, 4096)
  file: string;

  @Optional()
  @IsIn(formats)
  format?: (typeof formats)[number];

  @Optional()
  @IsBoolean()
  dryRun?: boolean;

  @Optional()
  @Length(1, 4096)
  results?: string;
}

export const importKeys = defineCommand({
  name: 'import',
  summary: 'Import keys that another system hashed; they keep working as they were.',
  notes: `Columns: ${keyColumns.required.join(', ')}; beside them ${keyColumns.optional.join(', ')}.
Schemes: sha256, sha512, hmac-sha256 (with secret), bcrypt, scrypt, argon2, pbkdf2. A salted hash needs lookup, the first 8
to 32 characters of the key. Owners must be there. A row that fails does not keep the others out, and the same file again
changes nothing. docs/importing.md tells more.`,
  examples: {
    'keys import --file keys.csv --dry-run': 'says what would become of each row, and keeps nothing',
    'keys import --file keys.csv --results outcome.jsonl': 'imports, and writes what became of each row to a file',
    'keys import --file - --format jsonl --json': 'JSON lines from standard input; the answer as JSON',
  },
  input: ImportKeysInput,
  flags: {
    file: new Option('--file <file>', 'a .csv or .jsonl file, or - for standard input').makeOptionMandatory(),
    format: new Option('--format <format>', 'csv or jsonl, where the name of the file does not tell'),
    dryRun: new Option('--dry-run', 'check everything and keep nothing'),
    results: new Option('--results <file>', 'write what became of each row there, as JSON lines'),
  },
  run: async (session, { file, format, dryRun = false, results }) => {
    const isCsv = (format ?? formatOf(file)) === 'csv';
    const app = await session.application();
    const input = await openRows(file);
    const rows = isCsv ? csvRows(input, keyColumns, keyRow) : jsonRows(input);
    const outcomes = app.get(KeyImporter, { strict: false }).import(commandLine, rows, dryRun);
    return followImport(outcomes, { dryRun, results, words: { created: 'created', exists: 'there already' } });
  },
});

function formatOf(file: string): (typeof formats)[number] {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  throw new CommandRefused('Say --format csv or --format jsonl: the name of the file does not tell.', ExitCode.usage);
}
