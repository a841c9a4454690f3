import fc from 'fast-check';
import { canonicalJson, exactJson } from './canonical-json.js';

describe('Canonical JSON', () => {
  it('is the example of RFC 8785, 3.2.3', () => {
    const value = JSON.parse(
      String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
    );
    expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect(canonicalJson(value).match(/(?<=:")[^"]+/g)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('does not depend on the order of members, and means the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('Exact JSON', () => {
  it('is read where ECMAScript wrote it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(exactJson(JSON.stringify([number]))).toEqual([number === 0 ? 0 : number]);
      }),
    );
  });

  it.each(['1.00000000000000000001', '[12345678901234567891]', '{"a":0.1000000000000000000001}', '1e400'])(
    'is not %s',
    (text) => expect(() => exactJson(text)).toThrow(SyntaxError),
  );

  it.each(['"1.00000000000000000001"', String.raw`"\" 12345678901234567891"`, '1.10', '100000000000000000000', '0.0'])(
    'is %s',
    (text) => expect(exactJson(text)).toEqual(JSON.parse(text)),
  );
});
