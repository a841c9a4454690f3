import type { Express } from 'express';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSeam } from './http-server.hooks.js';
import { ended, opened } from './open-answers.js';
import { responseWithFields } from './response-fields.js';

/** The life of an answer: nobody ended it; ended but held back; on its way. */
enum Stage {
  open,
  held,
  released,
}

declare module 'express-serve-static-core' {
  // the name is Express's own
  // oxlint-disable-next-line no-shadow
  interface Response {
    /** What has been written of the body so far, in bytes, before any transfer coding. */
    bodyBytes: number;
  }
}

/** As `http.createServer` takes them. */
export interface ExpressMessages {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

type EndCallback = () => void;
type WriteCallback = (error: Error | null | undefined) => void;

/**
 * Makes the request and response classes of one Express application, and so the one place every answer passes.
 *
 * Express gives each request and response its own prototype by `Object.setPrototypeOf`, which on Node 20 and 22 throws
 * away what the engine learned about them and costs more than the rest of the request. Here `app.request` and
 * `app.response` are the prototypes of the classes node:http instantiates, so that the assignment changes nothing.
 */
export function expressMessages(app: Express, seam: ServerSeam): ExpressMessages {
  class ExpressRequest extends IncomingMessage {}
  const FieldsResponse = responseWithFields(app.response);

  class ExpressResponse<R extends IncomingMessage = IncomingMessage> extends FieldsResponse<R> {
    bodyBytes = 0;
    private stage = Stage.open;
    private readonly isListed = opened(this.req.socket, this);

    override end(chunk?: unknown, encoding?: BufferEncoding | EndCallback, callback?: EndCallback): this {
      if (this.stage === Stage.released) return this.release(chunk, encoding, callback);
      if (this.stage === Stage.held) return this.endAgain(chunk, encoding, callback);
      this.stage = Stage.released;
      this.count(chunk, encoding);
      const { hooks } = seam;
      if (hooks.onAnswer === undefined) return this.release(chunk, encoding, callback);
      let settled: Promise<void> | undefined;
      try {
        const isAbandoned = seam.abandoned.size > 0 && seam.abandoned.delete(this);
        settled = hooks.onAnswer(this.req, this, isAbandoned ? 'aborted' : 'answered');
      } catch (error) {
        this.replace(error);
        return this;
      }
      if (settled === undefined) return this.account().release(chunk, encoding, callback);
      this.hold(settled, () => this.account().release(chunk, encoding, callback));
      return this;
    }

    /** Tells of the answer now, because it is to go on without an end; nothing is told when it ends after all. */
    begin(): Promise<void> | undefined {
      this.stage = Stage.released;
      return seam.hooks.onAnswer?.(this.req, this, 'answered');
    }

    /** Once an answer is held it is over for whoever wrote it: what they write after its end is dropped. */
    override write(chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): boolean {
      if (this.stage === Stage.held) return false;
      this.count(chunk, encoding);
      return typeof encoding === 'string'
        ? super.write(chunk, encoding, callback)
        : super.write(chunk, encoding ?? callback);
    }

    override flushHeaders(): void {
      if (this.stage !== Stage.held) super.flushHeaders();
    }

    /**
     * The connection is gone. What is being streamed is over; what has not begun may still be at work, and is given
     * time to find out what it has to tell of, such as whose call it was.
     */
    abandon(): void {
      if (this.stage !== Stage.open) return;
      seam.abandoned.add(this);
      if (this.headersSent) this.giveUp();
      else setTimeout(() => this.giveUp(), seam.abandonedAfterMs).unref();
    }

    giveUp(): void {
      if (!seam.abandoned.delete(this)) return;
      this.stage = Stage.released;
      try {
        const settled = seam.hooks.onAnswer?.(this.req, this, 'aborted');
        if (settled === undefined) this.account();
        else this.hold(settled, () => this.account());
      } catch (error) {
        this.replace(error);
      }
    }

    get isHeld(): boolean {
      return this.stage === Stage.held;
    }

    private count(chunk: unknown, encoding: unknown): void {
      if (typeof chunk === 'string') {
        this.bodyBytes += Buffer.byteLength(
          chunk,
          typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8',
        );
      } else if (chunk instanceof Uint8Array) this.bodyBytes += chunk.byteLength;
    }

    private hold(settled: Promise<void>, go: () => unknown): void {
      this.stage = Stage.held;
      seam.held += 1;
      settled.then(
        () => this.resume(go),
        (error: unknown) => this.resume(() => this.replace(error)),
      );
    }

    private resume(go: () => unknown): void {
      this.stage = Stage.released;
      try {
        go();
      } catch {
        this.destroy(); // Node refused what it was to send, and whoever asked for it has gone on
      } finally {
        seam.held -= 1;
      }
    }

    private account(): this {
      seam.hooks.onAccounted?.(this.req, this);
      return this;
    }

    private release(chunk: unknown, encoding?: BufferEncoding | EndCallback, callback?: EndCallback): this {
      if (this.isListed) ended(this.req.socket, this);
      return typeof encoding === 'string'
        ? super.end(chunk, encoding, callback)
        : super.end(chunk, encoding ?? callback);
    }

    private endAgain(chunk: unknown, encoding?: BufferEncoding | EndCallback, callback?: EndCallback): this {
      for (const argument of [chunk, encoding, callback]) {
        if (typeof argument === 'function') this.once('finish', () => void argument.call(this));
      }
      return this;
    }

    /** Has another answer written in place of one that could not be accounted for. */
    private replace(error: unknown): void {
      if (this.headersSent) this.destroy();
      else this.reset();
      try {
        seam.hooks.onAnswerFailed?.(error, this.req, this);
      } finally {
        if (!this.finished && !this.destroyed) this.release(undefined);
      }
    }

    private reset(): void {
      for (const name of this.getHeaderNames()) if (name !== 'connection') this.removeHeader(name);
      this.statusCode = 500;
      this.statusMessage = '';
    }
  }

  // While an answer is held, Express, Nest and their guests must take it for sent, or they would send another.
  describeHeldAsSent(ExpressResponse.prototype);
  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype });
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

function describeHeldAsSent(prototype: ServerResponse & { readonly isHeld: boolean }): void {
  Object.defineProperties(prototype, {
    headersSent: {
      configurable: true,
      get: function (this: typeof prototype) {
        return this.isHeld || Reflect.get(ServerResponse.prototype, 'headersSent', this);
      },
    },
    writableEnded: {
      configurable: true,
      get: function (this: typeof prototype) {
        return this.isHeld || this.finished;
      },
    },
  });
}
