import type { IncomingMessage } from 'node:http';
import { Problem, RequestProblems } from '#libs/http';

const bearer = /^Bearer +(.*)$/i;

/**
 * What the caller sent to prove who it is: X-API-Key, or Authorization: Bearer (RFC 6750). Another Authorization scheme
 * is no credential here. Undefined when there is none.
 * @throws Problem request.ambiguous_credential when both are present and differ, or two Authorization fields do
 */
export function credentialOf({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = headers['x-api-key'];
  const apiKey = typeof header === 'string' && header !== '' ? header : undefined; // an empty field carries nothing
  const authorization = headers.authorization;
  if (authorization === undefined) return apiKey;
  const token = bearer.exec(authorization)?.[1];
  const differ = apiKey !== undefined && token !== undefined && token !== apiKey;
  if (differ || hasOther(rawHeaders, authorization)) throw new Problem(RequestProblems.ambiguousCredential);
  return apiKey ?? token;
}

/** Node keeps the first of several Authorization fields; whoever stands in front may have gone by the last. */
function hasOther(rawHeaders: readonly string[], authorization: string): boolean {
  return rawHeaders.some(
    (name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization' && rawHeaders[at + 1] !== authorization,
  );
}
