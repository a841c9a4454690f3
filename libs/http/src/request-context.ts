import type { Request } from 'express';
import { type AddressRanges, clientAddress } from './client-address.js';
import type { Precondition } from './precondition.js';
import { withoutKeys } from './key-redaction.js';
import { uuidV7 } from './uuid-v7.js';

/** Who made a call, as far as it is known; null where it is not. */
export interface Caller {
  readonly keyId: string | null;
  readonly userId: string | null;
  readonly organizationId: string | null;
}

export const unknownCaller: Caller = { keyId: null, userId: null, organizationId: null };

const acceptableRequestId = /^[A-Za-z0-9._-]{8,128}$/;

/** The facts of one call; made on arrival, completed on the way, read by the records when the answer ends. */
export class RequestContext {
  /** The client's X-Request-Id where it has the agreed form, else one of our own. */
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAt = Date.now();
  /** Monotonic milliseconds, for durations. */
  readonly startedAt = performance.now();
  readonly clientAddress: string;
  caller: Caller = unknownCaller;
  /** Code of the problem that was answered. */
  problemCode: string | null = null;
  /** Why the call was refused, which may say more than the client is told. */
  refusal: string | null = null;
  /** What If-Match demands, on a route that honours it. */
  precondition: Precondition | null = null;

  constructor(
    private readonly request: Request,
    trustedProxies: AddressRanges,
  ) {
    const { headers, socket } = request;
    const given = headers['x-request-id'];
    this.requestId =
      typeof given === 'string' && acceptableRequestId.test(given) && withoutKeys(given) === given
        ? given
        : uuidV7(this.arrivedAt);
    const forwarded = headers['x-forwarded-for'];
    this.clientAddress = clientAddress(
      socket.remoteAddress,
      typeof forwarded === 'string' ? forwarded : undefined,
      trustedProxies,
    );
  }

  get method(): string {
    return this.request.method;
  }

  get userAgent(): string | null {
    return this.request.headers['user-agent'] ?? null;
  }

  /** The template that matched, such as `/api/v1/users/:id`; null when no route did. */
  get route(): string | null {
    const route: unknown = this.request.route;
    if (typeof route !== 'object' || route === null || !('path' in route)) return null;
    // Nest's own answer to what no route serves stands in the router as `*path`
    return typeof route.path === 'string' && route.path.startsWith('/') ? route.path : null;
  }

  /** The path as sent, without the query. */
  get path(): string {
    const { originalUrl, url } = this.request;
    // Express keeps the original from where it begins, and what is refused before has only the other
    const sent: string | undefined = originalUrl;
    return (sent ?? url).split('?', 1)[0] ?? '';
  }

  /** Milliseconds since the arrival. */
  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }
}

declare module 'express-serve-static-core' {
  // the name is Express's own
  // oxlint-disable-next-line no-shadow
  interface Request {
    /** Set by the first step of the pipeline; present on every request that reaches Nest. */
    context: RequestContext;
  }
}
