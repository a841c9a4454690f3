import { invalid, Problem, RequestValidationPipe, RowProblem } from '#libs/http';
import { ImportedKeyRow, type RowOutcome } from './import-keys.dto.js';
import { type ImportedHash, readHash } from './imported-hash.js';

/** A row as it was read from a file or a request, or why it could not be read. */
export interface SourceRow {
  readonly line: number;
  readonly value: unknown;
}

/** A row that is well-formed by itself. */
export interface SoundRow {
  readonly line: number;
  readonly row: ImportedKeyRow;
  readonly hash: ImportedHash;
}

const pipe = new RequestValidationPipe();

/** `prefix`: that of the installation's own keys, which are never looked up as imported ones. @throws Problem request.invalid */
export async function soundRow({ line, value }: SourceRow, prefix: string): Promise<SoundRow> {
  if (value instanceof Problem) throw value;
  const row: unknown = await pipe.transform(value, { type: 'body', metatype: ImportedKeyRow });
  if (!(row instanceof ImportedKeyRow)) throw new TypeError('The row was not made of what was given.');
  if (row.lookup?.startsWith(`${prefix}_`) === true) {
    const detail = `must not begin with ${prefix}_, as the keys of this installation do: such a key would never be looked up`;
    throw invalid([{ pointer: '/lookup', detail }]);
  }
  return { line, row, hash: readHash(row) };
}

/** @throws whatever is no refusal of the row alone */
export function refused(line: number, error: unknown): RowOutcome {
  return { line, outcome: 'failed', keyId: null, problem: RowProblem.of(error) };
}
