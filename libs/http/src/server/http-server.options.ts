/** What the server allows a client to take; times in milliseconds. */
export interface HttpServerLimits {
  /** For the request line and all headers; also how long a new connection may stay silent. */
  readonly headersTimeoutMs: number;
  /** For the whole request with its body. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept; longer than the 60 s of usual load balancers, which must be the ones to close. */
  readonly keepAliveTimeoutMs: number;
  /** How often the time-outs are looked at: the most by which one is late. */
  readonly checkEveryMs: number;
  /** Bytes of the request line and all headers together. */
  readonly maxHeaderBytes: number;
  /** How long a connection stays half open after a refusal, so that its client can read the answer. */
  readonly lingerMs: number;
  /** How long a handler may go on after its client went away before the call counts as aborted without an answer. */
  readonly abandonedAfterMs: number;
}

/** How the server goes away; times in milliseconds. */
export interface DrainTimes {
  /** How long new connections are still accepted after the drain began, for load balancers that hear of it late. */
  readonly keepListeningMs: number;
  /** How long idle connections stay open once nothing new is accepted: a client may be sending on one right now. */
  readonly idleGraceMs: number;
  /** After this, whatever is still being answered is cut. */
  readonly deadlineMs: number;
}

export const defaultLimits: HttpServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 66_000,
  checkEveryMs: 1_000,
  maxHeaderBytes: 16_384,
  lingerMs: 1_000,
  abandonedAfterMs: 5_000,
};

export const defaultDrainTimes: DrainTimes = { keepListeningMs: 0, idleGraceMs: 1_000, deadlineMs: 10_000 };
