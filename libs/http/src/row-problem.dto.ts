import { Problem } from './problem.js';

/** One thing that is wrong with a row. */
export class RowFault {
  /** @example '/hash' */
  pointer: string;
  /** @example 'must be 32 bytes in hex (64 digits) or in base64' */
  detail: string;
}

/** Why one row of many was refused: the same codes as where it stands alone. */
export class RowProblem {
  /** @example 'request.invalid' */
  code: string;
  detail: string;
  errors: RowFault[];

  /** @throws whatever is no refusal of the row alone, such as a database that does not answer */
  static of(error: unknown): RowProblem {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const errors = (error.errors ?? []).map(({ pointer, detail }) => ({ pointer, detail }));
    return Object.assign(new RowProblem(), { code: error.code, detail: error.message, errors });
  }
}
