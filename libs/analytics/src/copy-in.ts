import type { Connection, Submittable } from 'pg';

/** COPY ... FROM STDIN as one message: the rows do not wait until the server has agreed to take them. */
export class CopyIn implements Submittable {
  readonly committed: Promise<void>;
  private readonly data: Buffer;
  private resolve: () => void;
  private reject: (error: Error) => void;

  /** `rows` in PostgreSQL's text format. */
  constructor(
    private readonly statement: string,
    rows: string,
  ) {
    this.data = copyMessages(rows);
    this.committed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Called by pg when the connection is free, as are the others when the server answers. */
  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.statement);
    stream.write(this.data);
    stream.uncork();
  }

  handleCopyInResponse(): void {
    // the rows are on their way; a server that refuses the statement drops them (manual, Message Flow, COPY Operations)
  }

  handleCommandComplete(): void {
    // the commit is done, and the next statement may come with `handleReadyForQuery`
  }

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleError(error: Error): void {
    this.reject(error);
  }
}

const HEADER = 5;

/** CopyData with the rows, and CopyDone (manual, Message Formats). */
function copyMessages(rows: string): Buffer {
  const length = Buffer.byteLength(rows);
  const bytes = Buffer.allocUnsafe(HEADER + length + HEADER);
  bytes.write('d', 0);
  bytes.writeUInt32BE(length + 4, 1);
  bytes.write(rows, HEADER);
  bytes.write('c', HEADER + length);
  bytes.writeUInt32BE(4, HEADER + length + 1);
  return bytes;
}
