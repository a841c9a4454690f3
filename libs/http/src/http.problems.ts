import { defineProblems } from './problem.js';

/** What may be wrong with a request before any feature looks at it. */
export const RequestProblems = defineProblems('request', {
  malformed: {
    status: 400,
    title: 'The request cannot be read',
    remedy: 'Send well-formed HTTP/1.1 and, where there is a body, well-formed UTF-8 JSON.',
  },
  invalid: {
    status: 400,
    title: 'The request has invalid fields',
    remedy:
      'Each entry of `errors` names a field and what it may hold; fields that are not listed in the documentation are refused.',
  },
  invalidHost: {
    status: 400,
    title: 'The Host header is missing or repeated',
    remedy: 'Send exactly one Host header (RFC 9112, 3.2).',
  },
  invalidCursor: {
    status: 400,
    title: 'The cursor is not valid for this list',
    remedy:
      'Pass `next` of the previous page unchanged as `after`, with the same filters and sort, or start again without it.',
  },
  ambiguousCredential: {
    status: 400,
    title: 'Two different credentials were sent',
    remedy: 'Send the key either as X-API-Key or as Authorization: Bearer.',
  },
  notFound: {
    status: 404,
    title: 'There is nothing here',
    remedy: 'Check the path and the id. What you may not see answers the same as what does not exist.',
  },
  methodNotAllowed: {
    status: 405,
    title: 'This path does not support the method',
    remedy: 'The Allow header lists the methods that it supports.',
  },
  timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    remedy: 'Send the request without long pauses.',
  },
  idempotencyInProgress: {
    status: 409,
    title: 'The same request is still under way',
    remedy: 'Send it again, with the same Idempotency-Key, after the time in Retry-After.',
  },
  preconditionFailed: {
    status: 412,
    title: 'The resource has been changed since you read it',
    remedy: 'Read it again, apply your change to what it is now, and send that with its new ETag as If-Match.',
  },
  payloadTooLarge: { status: 413, title: 'The body is too large', remedy: 'Send at most 100 KiB.' },
  unsupportedMediaType: {
    status: 415,
    title: 'The body is of a type that is not read here',
    remedy: 'Send JSON in UTF-8 with Content-Type: application/json and no Content-Encoding.',
  },
  expectationFailed: {
    status: 417,
    title: 'The expectation cannot be met',
    remedy: 'Expect may only be 100-continue.',
  },
  idempotencyMismatch: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    remedy:
      'Make a new Idempotency-Key for every creation, and send it again only with the same body and query within 24 hours.',
  },
  headersTooLarge: { status: 431, title: 'The headers are too large', remedy: 'Send at most 16 KiB of headers.' },
});

/** What may be wrong with the server. */
export const ServerProblems = defineProblems('server', {
  unexpected: {
    status: 500,
    title: 'Something went wrong on our side',
    remedy: 'Report the requestId to the operator; the log line with it tells the cause.',
  },
  unavailable: {
    status: 503,
    title: 'The server cannot answer now',
    remedy: 'Try again after the time in Retry-After.',
  },
  notImplemented: {
    status: 501,
    title: 'The server does not do this',
    remedy: 'See the documentation for what it does.',
  },
});
