import fc from 'fast-check';
import { forbiddenNames, parseJsonBody } from './json-body.js';
import { Problem } from './problem.js';

const forbiddenMember = new RegExp(`"(${[...forbiddenNames].join('|')})":`);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('parseJsonBody', () => {
  it('reads every value that JSON can hold and PostgreSQL can store', () => {
    const storable = fc.jsonValue({ maxDepth: 6 }).filter((value) => {
      const text = JSON.stringify(value);
      return !text.includes('\\u0000') && !/\\ud[89a-f]/.test(text) && !forbiddenMember.test(text);
    });
    fc.assert(
      fc.property(storable, (value) =>
        expect(parseJsonBody(bytes(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a NUL', '"\\u0000"'],
    ['a NUL in a name', '{"\\u0000":1}'],
    ['half a surrogate pair', '["\\udc00"]'],
    ['a number beyond a double', '[1e400]'],
    ['__proto__', '{"a":{"__proto__":1}}'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}'],
    ['constructor', '{"constructor":1}'],
    ['17 levels', '['.repeat(17) + ']'.repeat(17)],
    ['a million levels', '['.repeat(1_000_000)],
  ])('refuses %s as request.malformed', (_, text) => {
    expect(() => parseJsonBody(bytes(text))).toThrow(expect.objectContaining({ code: 'request.malformed' }));
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseJsonBody(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(
      expect.objectContaining({ code: 'request.malformed' }),
    );
  });

  it('takes 16 levels, and brackets in texts for text', () => {
    expect(parseJsonBody(bytes('['.repeat(16) + ']'.repeat(16)))).toBeDefined();
    expect(parseJsonBody(bytes(JSON.stringify('[{"'.repeat(100))))).toBe('[{"'.repeat(100));
  });

  it('never fails in another way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        expect([undefined, 'request.malformed']).toContain(refusalOf(any));
      }),
    );
  });
});

function refusalOf(body: Uint8Array): unknown {
  try {
    parseJsonBody(body);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
}
