import type { Response } from 'express';

/**
 * Whether the client has what `response` is about to send (RFC 9110, 13.1.2). Express decides it too, but not for who
 * also sends Cache-Control: no-cache, as fetch does; that speaks to caches on the way, not to us.
 */
export function isKnownToClient(response: Response): boolean {
  const { method, headers } = response.req;
  const known = headers['if-none-match'];
  if (known === undefined || response.statusCode !== 200 || (method !== 'GET' && method !== 'HEAD')) return false;
  const etag = response.getHeader('ETag');
  if (typeof etag !== 'string') return false;
  const opaque = etag.replace(/^W\//, ''); // weak comparison
  return known.trim() === '*' || [...known.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaque);
}
