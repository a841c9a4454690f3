import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A response as the connection it came by knows it. */
export interface OpenAnswer extends ServerResponse {
  /** The connection is gone before anybody ended the answer. */
  abandon(): void;
}

const openAnswers: unique symbol = Symbol('answers that have not ended');

declare module 'node:net' {
  interface Socket {
    /** In the order of their requests: HTTP/1.1 answers in that order. */
    [openAnswers]?: OpenAnswer[];
  }
}

/**
 * The connections of a server and the answers each of them still owes. One listener per connection stands in for one
 * per response, and also covers pipelined responses, which Node before 24 never tells that their connection closed.
 */
export class OpenAnswers {
  readonly connections = new Set<Socket>();

  watch(socket: Socket): void {
    const open: OpenAnswer[] = [];
    socket[openAnswers] = open;
    this.connections.add(socket);
    socket.once('close', () => {
      this.connections.delete(socket);
      for (const answer of open.splice(0)) answer.abandon();
    });
  }

  of(socket: Socket): readonly OpenAnswer[] {
    return socket[openAnswers] ?? [];
  }
}

/** @returns false on a socket that is not watched, such as a stand-in of a test. */
export function opened(socket: Socket, answer: OpenAnswer): boolean {
  const open = socket[openAnswers];
  open?.push(answer);
  return open !== undefined;
}

export function ended(socket: Socket, answer: OpenAnswer): void {
  const open = socket[openAnswers];
  if (open === undefined) return;
  if (open[0] === answer) {
    open.shift();
    return;
  }
  const at = open.indexOf(answer);
  if (at > 0) open.splice(at, 1);
}
