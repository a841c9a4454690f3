import type { Connection, Submittable } from 'pg';

/** A COPY ... FROM STDIN and what it takes, each character of it one byte. */
export interface Copy {
  readonly statement: string;
  readonly rows: string;
}

/**
 * One or more COPY ... FROM STDIN as one message, which is one transaction (manual, Message Flow, Multiple Statements in a
 * Simple Query). The rows do not wait until the server has agreed to take them.
 */
export class CopyIn implements Submittable {
  readonly committed: Promise<void>;
  private readonly statements: string;
  private readonly data: Buffer;
  private resolve: () => void;
  private reject: (error: Error) => void;

  constructor(copies: readonly Copy[]) {
    this.statements = copies.map(({ statement }) => statement).join('; ');
    this.data = copyMessages(copies.map(({ rows }) => rows));
    this.committed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Called by pg when the connection is free, as are the others when the server answers. */
  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.statements);
    stream.write(this.data);
    stream.uncork();
  }

  handleCopyInResponse(): void {
    // the rows are on their way; a server that refuses the statement drops them (manual, Message Flow, COPY Operations)
  }

  handleCommandComplete(): void {
    // the rows are in, and the next statement may come with `handleReadyForQuery`
  }

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleError(error: Error): void {
    this.reject(error);
  }
}

const HEADER = 5;

/** For each COPY its CopyData with the rows, and CopyDone (manual, Message Formats). */
function copyMessages(copies: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(copies.reduce((total, { length }) => total + HEADER + length + HEADER, 0));
  let at = 0;
  for (const rows of copies) {
    at += bytes.write('d', at);
    at = bytes.writeUInt32BE(rows.length + 4, at);
    at += bytes.write(rows, at, 'latin1');
    at += bytes.write('c', at);
    at = bytes.writeUInt32BE(4, at);
  }
  return bytes;
}
