import type { ServerResponse } from 'node:http';

/** What every answer says to browsers (OWASP ASVS 5.0, 3.4); pages with scripts of their own replace the policy. */
const headers: readonly (readonly [name: string, value: string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-store'],
];

const STRICT_TRANSPORT = 'max-age=63072000; includeSubDomains';

/** `overTls`: whether clients reach the installation by https; only then may they be told to insist on it. */
export function setSecurityHeaders(response: ServerResponse, overTls: boolean): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  if (overTls) response.setHeader('Strict-Transport-Security', STRICT_TRANSPORT);
}
