import { type Components, type Headers, refTo } from './open-api.types.js';

/** The response headers that operations refer to. */
export const headerComponents: NonNullable<Components['headers']> = {
  'X-Request-Id': {
    description:
      'The id of this call in records, logs and problems: yours where you sent one of 8-128 characters of `[A-Za-z0-9._-]`.',
    required: true,
    schema: { type: 'string', minLength: 8, maxLength: 128 },
  },
  'RateLimit-Policy': {
    description:
      'The limit that applies: `q` calls in `w` seconds (draft-ietf-httpapi-ratelimit-headers). Absent where none does.',
    schema: { type: 'string' },
    example: '"key";q=600;w=60',
  },
  RateLimit: {
    description: 'What is left of it: `r` calls, all of them again in `t` seconds.',
    schema: { type: 'string' },
    example: '"key";r=599;t=60',
  },
  Location: {
    description: 'Where the resource that was made can be read.',
    schema: { type: 'string', format: 'uri-reference' },
    example: '/api/v1/api-keys/019ab7c8-5e1a-7c3e-9d58-3f6f0c2a1b4d',
  },
  'Retry-After': {
    description: 'In how many seconds another try may succeed.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 6750); with `error` when a credential was sent.',
    required: true,
    schema: { type: 'string' },
    example: 'Bearer realm="keyward", error="invalid_token"',
  },
  ETag: {
    description: 'The state of the resource; send it as If-Match to change that state and no other.',
    schema: { type: 'string' },
    example: '"3"',
  },
  'Idempotency-Replayed': {
    description: '`true` when this is the answer to an earlier call with the same Idempotency-Key; otherwise absent.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** What decides which headers the success of a route has. */
export interface AnswerKind {
  /** The call counts against the limit of its key. */
  readonly counted?: boolean;
  /** The answer is a resource with an ETag. */
  readonly versioned?: boolean;
  /** The answer may be a replay. */
  readonly replayed?: boolean;
}

/** The headers of an answer with `status`. */
export function headersOf(status: number, { counted, versioned, replayed }: AnswerKind = {}): Headers {
  const names = ['X-Request-Id'];
  if ((counted && status < 300) || status === 429) names.push('RateLimit-Policy', 'RateLimit');
  if (status === 201) names.push('Location');
  if ((versioned && status < 300) || status === 304) names.push('ETag');
  if (replayed && status === 201) names.push('Idempotency-Replayed');
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 429 || status === 503) names.push('Retry-After');
  return Object.fromEntries(names.map((name) => [name, refTo('headers', name)]));
}
