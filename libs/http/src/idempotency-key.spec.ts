import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { idempotencyKeyOf } from './idempotency-key.js';
import { Problem } from './problem.js';

function requestWith(...values: readonly string[]): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers = values.length === 0 ? {} : { 'idempotency-key': values.join(', ') };
  request.headersDistinct = values.length === 0 ? {} : { 'idempotency-key': [...values] };
  return request;
}

describe('an Idempotency-Key', () => {
  it('is absent when none was sent', () => {
    expect(idempotencyKeyOf(requestWith())).toBeUndefined();
  });

  it.each([
    ['8e03978e-40d5', '8e03978e-40d5'],
    ['"8e03978e-40d5"', '8e03978e-40d5'],
    ['"a \\"b\\" \\\\ c"', 'a "b" \\ c'],
    ['with spaces, and a comma', 'with spaces, and a comma'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('%s reads as the same, quoted or bare', (sent, key) => {
    expect(idempotencyKeyOf(requestWith(sent))).toBe(key);
  });

  it.each([
    [['']],
    [['""']],
    [['"']],
    [['"unfinished']],
    [['"a"; b=1']],
    [['"a"b"']],
    [['"\\n"']],
    [['ümlaut']],
    [['tab\there']],
    [['x'.repeat(256)]],
    [['a', 'a']],
  ])('%j is refused with 400', (sent) => {
    expect(() => idempotencyKeyOf(requestWith(...sent))).toThrow(Problem);
    expect(() => idempotencyKeyOf(requestWith(...sent))).toThrow('Not accepted: /Idempotency-Key.');
  });
});
