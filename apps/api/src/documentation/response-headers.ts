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
    description: 'The version of the resource; grows with every change.',
    schema: { type: 'string' },
    example: '"3"',
  },
};

/** The headers of an answer with `status`; `counted`: whether the call counts against the limit of its key. */
export function headersOf(status: number, counted: boolean): Headers {
  const names = ['X-Request-Id'];
  if ((counted && status < 300) || status === 429) names.push('RateLimit-Policy', 'RateLimit');
  if (status === 201) names.push('Location');
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 429 || status === 503) names.push('Retry-After');
  return Object.fromEntries(names.map((name) => [name, refTo('headers', name)]));
}
