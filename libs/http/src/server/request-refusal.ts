import type { IncomingMessage } from 'node:http';
import type { RefusedRequest } from './http-server.hooks.js';

/** What an authority may consist of (RFC 3986, 3.2), with brackets for IPv6. */
const acceptableHost = /^[A-Za-z0-9._~!$&'()*+,;=:%[\]-]*$/;
let lastAcceptedHost: string | undefined;

/** Judges the Host header (RFC 9112, 3.2); Node checks only that there is one and answers that without a body. */
export function hostRefusal(request: IncomingMessage): RefusedRequest | undefined {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = request;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name !== undefined && name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return invalidHost(`The request has ${hosts} Host headers; exactly one is allowed.`, request);
  if (hosts === 0) {
    if (httpVersionMajor === 1 && httpVersionMinor === 0) return undefined;
    return invalidHost('The request has no Host header; HTTP/1.1 requires one.', request);
  }
  const { host } = request.headers;
  if (host === undefined || host === lastAcceptedHost) return undefined;
  if (!acceptableHost.test(host))
    return invalidHost('The Host header is not a host name or address with an optional port.', request);
  lastAcceptedHost = host;
  return undefined;
}

function invalidHost(detail: string, request: IncomingMessage): RefusedRequest {
  return { code: 'request.invalid_host', status: 400, detail, request };
}

export function expectationRefusal(request: IncomingMessage): RefusedRequest {
  return {
    code: 'request.expectation_failed',
    status: 417,
    detail: 'The Expect header may only be 100-continue.',
    request,
  };
}

export function connectRefusal(request: IncomingMessage): RefusedRequest {
  return {
    code: 'request.method_not_allowed',
    status: 405,
    detail: 'This server is not a proxy: CONNECT is not supported.',
    request,
  };
}

/** What a client did wrong when Node's parser gave up; undefined when the connection merely broke. */
export function parserRefusal(error: NodeJS.ErrnoException): RefusedRequest | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return {
        code: 'request.headers_too_large',
        status: 431,
        detail: 'The request line and headers together are too large.',
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        code: 'request.payload_too_large',
        status: 413,
        detail: 'The chunk extensions of the body are too large.',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request.timeout', status: 408, detail: 'The request did not arrive completely in time.' };
    default:
      return { code: 'request.malformed', status: 400, detail: 'The bytes received are not a valid HTTP/1.1 request.' };
  }
}
