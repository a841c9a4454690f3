import type { IncomingHttpHeaders } from 'node:http';
import { Problem, RequestProblems } from '#libs/http';

const bearer = /^Bearer +(.*)$/i;

/**
 * What the caller sent to prove who it is: X-API-Key, or Authorization: Bearer (RFC 6750). Another Authorization scheme
 * is no credential here. Undefined when there is none.
 * @throws Problem request.ambiguous_credential when both are present and differ
 */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['x-api-key'];
  const apiKey = typeof header === 'string' && header !== '' ? header : undefined; // an empty field carries nothing
  const authorization = headers.authorization;
  if (authorization === undefined) return apiKey;
  const token = bearer.exec(authorization)?.[1];
  if (apiKey !== undefined && token !== undefined && token !== apiKey)
    throw new Problem(RequestProblems.ambiguousCredential);
  return apiKey ?? token;
}
