import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';
import { type FileRow, MAX_ROW_BYTES, readable, unreadable } from './file-row.js';

/** The cells of a row by column; those that are empty are not there. */
export type Cells = Readonly<Partial<Record<string, string>>>;

/** The columns that a file may have. */
export interface Columns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Whether a first line that names none of them is a row already, whose cells are in this order. */
  readonly maybeUnnamed?: boolean;
}

/**
 * Rows of a CSV file (RFC 4180) whose first line names its columns, in any order. A quote where none belongs is taken as it
 * stands, so that such a row is judged by what it says and does not keep the others out.
 * @throws CommandRefused for columns that are missing or unknown, and where rows cannot be told apart
 */
export async function* csvRows(
  input: Readable,
  columns: Columns,
  valueOf: (cells: Cells) => unknown,
): AsyncGenerator<FileRow> {
  let isTorn = false;
  let line = 1;
  const parser = parse({
    bom: true,
    max_record_size: MAX_ROW_BYTES,
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
  });
  // what is left of errors: nobody knows where the next row begins
  parser.on('skip', () => (isTorn = true));
  input.once('error', (error) => parser.destroy(error));
  let names: readonly string[] | undefined;
  try {
    for await (const parsed of input.pipe(parser)) {
      const { lines, cells } = recordOf(parsed);
      const begun = line;
      line += lines;
      if (cells.every((cell) => cell === '')) continue;
      if (names === undefined) {
        names = namesIn(cells, columns);
        if (names !== undefined) continue;
        names = [...columns.required, ...columns.optional];
      }
      const named = names;
      yield { line: begun, value: readable(() => valueOf(cellsBy(named, cells))) };
    }
  } finally {
    input.destroy(); // a parser that ends early lets go of it, and leaves it open
  }
  if (isTorn) throw tornAt(line);
  if (names === undefined && columns.maybeUnnamed !== true)
    throw new CommandRefused('The file is empty: its first line must name the columns.', ExitCode.usage);
}

/** What csv-parse gives with `raw`; its types do not say so, and it counts a line break in quotes twice where it is CR LF. */
function recordOf(parsed: unknown): { lines: number; cells: string[] } {
  const { record, raw }: { record?: unknown; raw?: unknown } = Object(parsed);
  const text = String(raw).replace(/\r?\n?$/, '');
  const cells = Array.isArray(record) ? record.map((cell) => String(cell).trim()) : [];
  return { lines: text.split(/\r\n|\n|\r/).length, cells };
}

/** The columns that the first line names; undefined when it is a row already. @throws CommandRefused */
function namesIn(cells: readonly string[], { required, optional, maybeUnnamed }: Columns): string[] | undefined {
  const known = [...required, ...optional];
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[ _-]/g, '');
  const names = cells.map((cell) => known.find((name) => plain(name) === plain(cell)));
  if (maybeUnnamed === true && names.every((name) => name === undefined)) return undefined;
  const found = names.filter((name) => name !== undefined);
  const unknown = cells.filter((_, index) => names[index] === undefined);
  const missing = required.filter((name) => !found.includes(name));
  if (unknown.length === 0 && missing.length === 0 && new Set(found).size === found.length) return found;
  const what = [
    ...unknown.map((name) => `the column ${JSON.stringify(name)} is not known`),
    ...missing.map((name) => `the column ${name} is missing`),
  ];
  throw new CommandRefused(
    `Line 1 must name the columns: ${what.join('; ') || 'one of them is named twice'}.\n` +
      `Required: ${required.join(', ')}. Allowed beside: ${optional.join(', ')}.`,
    ExitCode.usage,
  );
}

function cellsBy(names: readonly string[], cells: readonly string[]): Cells {
  if (cells.length > names.length) {
    throw unreadable(
      `The row has ${cells.length} cells; there are ${names.length} columns. A cell with a comma in it stands in double quotes.`,
    );
  }
  if (cells.some((cell) => cell.includes('\0'))) throw unreadable('The row contains a NUL character.');
  const entries = names.map((name, index) => [name, cells[index]] as const);
  return Object.fromEntries(entries.filter(([, cell]) => cell !== undefined && cell !== ''));
}

function tornAt(line: number): CommandRefused {
  return new CommandRefused(
    `The row of line ${line} does not end within ${MAX_ROW_BYTES} bytes, or at all: is a quote left open? ` +
      'The rows before it have been dealt with; those after it have not.',
    ExitCode.usage,
  );
}
