import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusedRequest, RenderedAnswer, ServerSeam } from './http-server.hooks.js';
import type { OpenAnswers } from './open-answers.js';
import { parserRefusal } from './request-refusal.js';

/** Answers what never reaches a route, as problems like any other, and closes the connection. */
export class RefusalWriter {
  private readonly refusedSockets = new WeakSet<Socket>();

  constructor(
    private readonly seam: ServerSeam,
    private readonly open: OpenAnswers,
    private readonly lingerMs: number,
  ) {}

  /** By the response of the request itself: keeps the order of a pipeline and passes `onAnswer`. */
  answer(refused: RefusedRequest, response: ServerResponse): void {
    this.tell(refused, response.req.socket);
    const { status, headers, body } = this.render(refused);
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('Connection', 'close');
    response.end(body);
  }

  /** `clientError` of the server: the parser gave up on this connection, or a request took too long. */
  clientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const refused = parserRefusal(error);
    if (refused === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    // The parser fails again for every further byte and at the end; the first failure has been answered.
    if (this.refusedSockets.has(socket)) {
      if (socket.readableEnded) socket.end();
      return;
    }
    this.refusedSockets.add(socket);
    const broken = this.open.of(socket).find(({ req }) => !req.complete);
    if (broken === undefined) this.close(refused, socket);
    else this.refuseBody({ ...refused, request: broken.req }, broken, socket);
  }

  /** `connect` of the server: Node has let go of the connection, so that its errors are ours to hear. */
  connect(refused: RefusedRequest, socket: Socket): void {
    socket.on('error', () => socket.destroy()).once('end', () => socket.end());
    socket.resume();
    this.close(refused, socket);
  }

  /** Straight to the connection, where no response speaks for the request. */
  private close(refused: RefusedRequest, socket: Socket): void {
    const last = this.open.of(socket).at(-1);
    if (last === undefined) this.write(refused, socket);
    else if (socket.readableEnded)
      socket.end(); // as Node does: a client that closes waits for nothing
    // Answers to earlier requests come first, or their clients would take this one for theirs.
    else last.once('finish', () => this.write(refused, socket));
  }

  private write(refused: RefusedRequest, socket: Socket): void {
    if (!socket.writable) return;
    this.tell(refused, socket);
    const { status, headers, body } = this.render(refused);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...lines,
      `Date: ${new Date().toUTCString()}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    this.linger(socket);
  }

  private refuseBody(refused: RefusedRequest, response: ServerResponse, socket: Socket): void {
    if (response.headersSent) socket.destroy();
    else {
      this.answer(refused, response);
      this.linger(socket);
    }
  }

  /** Closing with unread bytes resets the connection, and the client would never see the answer. */
  private linger(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.lingerMs);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  private tell(refused: RefusedRequest, socket: Socket): void {
    this.seam.hooks.onRefused?.(refused, socket.remoteAddress);
  }

  private render(refused: RefusedRequest): RenderedAnswer {
    return this.seam.hooks.renderRefusal?.(refused) ?? { status: refused.status, headers: {}, body: '' };
  }
}
