import { Problem, RequestProblems } from '#libs/http';

/** A row longer than this is no row, but a quote or a line that was never ended. */
export const MAX_ROW_BYTES = 65_536;

/** A row of a file; its value is a Problem where it could not be read. */
export interface FileRow {
  readonly line: number;
  readonly value: unknown;
}

export function unreadable(detail: string): Problem {
  return new Problem(RequestProblems.malformed, { detail });
}

/** What `read` makes of a row, or the Problem that it throws. */
export function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
