import type { IncomingMessage, ServerResponse } from 'node:http';

/** Why a request was refused before any route saw it. */
export interface RefusedRequest {
  readonly code:
    | 'request.malformed'
    | 'request.invalid_host'
    | 'request.method_not_allowed'
    | 'request.timeout'
    | 'request.payload_too_large'
    | 'request.expectation_failed'
    | 'request.headers_too_large';
  readonly status: number;
  readonly detail: string;
  /** Absent when the bytes never became a request. */
  readonly request?: IncomingMessage;
}

/** An answer as it goes over the wire. */
export interface RenderedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `aborted`: the connection closed before the answer ended. When no handler ended it at all, its status says nothing. */
export type AnswerOutcome = 'answered' | 'aborted';

/** What an application plugs into the server; all of it optional. */
export interface HttpServerHooks {
  /** Called as soon as the head of a request is read, before any refusal and any middleware. Must not throw. */
  onArrival?(request: IncomingMessage, response: ServerResponse): void;

  /** Runs the application for one request, for instance inside an AsyncLocalStorage; has to call `handle`. */
  runRequest?(request: IncomingMessage, response: ServerResponse, handle: () => void): void;

  /** The headers that belong to what a handler returned, such as its ETag. */
  headersOf?(body: object, status: number): readonly (readonly [name: string, value: string])[];

  /**
   * Told of every request exactly once: right before its answer ends, when its connection closed without one, or when an
   * answer without an end begins (`beginAnswer`).
   * `undefined` lets the answer go at once; a promise holds it back until it settles.
   */
  onAnswer?(request: IncomingMessage, response: ServerResponse, outcome: AnswerOutcome): Promise<void> | undefined;

  /** Told of a request once its `onAnswer` is settled, or was not waited for, right before the answer goes. Must not throw. */
  onAccounted?(request: IncomingMessage, response: ServerResponse): void;

  /**
   * Writes and ends the answer that replaces one whose `onAnswer` threw or rejected. Status and headers are fresh. When
   * `response.headersSent` is true nothing can be replaced and the connection is cut afterwards.
   */
  onAnswerFailed?(error: unknown, request: IncomingMessage, response: ServerResponse): void;

  /** Renders the answer to a refused request; without it the answer has no body. */
  renderRefusal?(refused: RefusedRequest): RenderedAnswer;

  /** Called once, when the server begins to drain: what streams without an end is to end now. */
  onDrain?(): void;

  /** Told of every refusal the server made by itself, with the address it came from. */
  onRefused?(refused: RefusedRequest, remoteAddress: string | undefined): void;
}

export interface AbandonedAnswer {
  /** Tells of it as aborted, now. */
  giveUp(): void;
}

/** What the server shares with its requests and responses; the hooks may be set after the server was made. */
export interface ServerSeam {
  hooks: HttpServerHooks;
  /** How many answers wait for their `onAnswer` to settle. */
  held: number;
  /** Answers nobody has ended although their connection is gone. */
  readonly abandoned: Set<AbandonedAnswer>;
  /** How long such an answer may still be ended before it is told of as aborted. */
  readonly abandonedAfterMs: number;
}
