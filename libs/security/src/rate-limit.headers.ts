import type { Rate } from '#libs/config';
import type { Hit } from './hit-counter.js';

/** The fields of draft-ietf-httpapi-ratelimit-headers, which are structured fields (RFC 9651). */
export interface RateLimitHeaders {
  readonly 'RateLimit-Policy': string;
  readonly RateLimit: string;
}

/** `name`: which limit it is, such as `key`. */
export function rateLimitHeaders(
  name: string,
  { limit, windowSeconds }: Rate,
  { hits, endsInMs }: Hit,
): RateLimitHeaders {
  const remaining = Math.max(0, limit - hits);
  return {
    'RateLimit-Policy': `"${name}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${name}";r=${remaining};t=${Math.ceil(endsInMs / 1000)}`,
  };
}
