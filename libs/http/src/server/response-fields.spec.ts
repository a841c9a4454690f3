import express from 'express';
import fc from 'fast-check';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expressMessages } from './express-messages.js';

const name = fc.constantFrom(
  'X-One',
  'x-one',
  'X-Two',
  'Connection',
  'Content-Type',
  'Set-Cookie',
  'Date',
  'no name',
  '',
);
const text = fc.constantFrom('a', 'close', '', 'é', 'two\r\nlines');
const value = fc.oneof(text, fc.constant(7), fc.array(text, { maxLength: 2 }), fc.constant(undefined));
const status = fc.constantFrom(200, 204, 304, 20);
const list = fc.array(fc.constantFrom('X-One', 'x-two', 'a'), { maxLength: 4 });
const calls = fc.oneof(
  fc.tuple(fc.constant('setHeader'), name, value),
  fc.tuple(fc.constant('appendHeader'), name, value),
  fc.tuple(fc.constantFrom('getHeader', 'hasHeader', 'removeHeader'), name),
  fc.tuple(fc.constantFrom('getHeaders', 'getHeaderNames', 'getRawHeaderNames')),
  fc.tuple(
    fc.constant('setHeaders'),
    fc.dictionary(name, text).map((given) => new Map(Object.entries(given))),
  ),
  fc.tuple(fc.constant('writeHead'), status),
  fc.tuple(fc.constant('writeHead'), status, fc.oneof(fc.constant('Why'), fc.dictionary(name, text), list)),
  fc.tuple(fc.constant('writeHead'), status, fc.constant('Why'), fc.oneof(fc.dictionary(name, text), list)),
);

/** What each call returned or threw, and the head that was made in the end. */
function outcomes(Response: typeof ServerResponse, sequence: readonly (readonly unknown[])[]): unknown[] {
  const response = new Response(new IncomingMessage(new Socket()));
  response.sendDate = false;
  const results = structuredClone(sequence).map(([method, ...given]) => {
    try {
      const result: unknown = Reflect.apply(Reflect.get(response, String(method)), response, given);
      return result === response ? 'itself' : result;
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  });
  return [...results, Reflect.get(response, '_header')];
}

describe('The header fields of an answer', () => {
  const seam = { hooks: {}, held: 0, abandoned: new Set<never>(), abandonedAfterMs: 0 };
  const { ServerResponse: ExpressResponse } = expressMessages(express(), seam);

  it('are what node:http makes of the same calls, in any order', () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 12 }), (sequence) => {
        expect(outcomes(ExpressResponse, sequence)).toEqual(outcomes(ServerResponse, sequence));
      }),
      { numRuns: 3000 },
    );
  });

  it('may have more names than are remembered', () => {
    const response = new ExpressResponse(new IncomingMessage(new Socket()));
    for (let at = 0; at < 2500; at += 1) response.setHeader(`X-Name-${at}`, `${at}`);
    expect(response.getHeaderNames()).toHaveLength(2500);
    expect([response.getHeader('x-name-0'), response.getHeader('X-NAME-2499')]).toEqual(['0', '2499']);
    expect(() => response.setHeader('no name', 'x')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_HTTP_TOKEN' }),
    );
  });
});
