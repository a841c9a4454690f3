import type { Connection, Submittable } from 'pg';

/** A COPY ... FROM STDIN, in ASCII, and what it takes, each character of it one byte. */
export interface Copy {
  readonly statement: string;
  readonly rows: string;
}

/**
 * One or more COPY ... FROM STDIN in one transaction (manual, Message Flow, Multiple Statements in a Simple Query). The rows
 * are sent with their statements: they do not wait until the server has agreed to take them.
 */
export class CopyIn implements Submittable {
  readonly committed: Promise<void>;
  private readonly messages: Buffer;
  private resolve: () => void;
  private reject: (error: Error) => void;

  constructor(copies: readonly Copy[]) {
    this.messages = messagesOf(copies);
    this.committed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Called by pg when the connection is free, as are the others when the server answers. */
  submit({ stream }: Connection): void {
    stream.write(this.messages);
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

/** Its type, and its length without it, before what a message holds. */
const HEADER = 5;

/** One Query with all statements, then for each the CopyData with its rows, and CopyDone (manual, Message Formats). */
function messagesOf(copies: readonly Copy[]): Buffer {
  const query = `${copies.map(({ statement }) => statement).join('; ')}\0`;
  const size = copies.reduce((total, { rows }) => total + 2 * HEADER + rows.length, HEADER + query.length);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  const add = (type: string, content: string): void => {
    at += bytes.write(type, at, 'latin1');
    at = bytes.writeUInt32BE(content.length + 4, at);
    at += bytes.write(content, at, 'latin1');
  };
  add('Q', query);
  for (const { rows } of copies) {
    add('d', rows);
    add('c', '');
  }
  return bytes;
}
