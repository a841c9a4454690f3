import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { claimedId, KeyFormat } from './key-format.js';

const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.split('');
const textOf = (characters: string[], length: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...characters), length).map((parts) => parts.join(''));

const prefixes = textOf('abcdefghijklmnopqrstuvwxyz0123456789'.split(''), { minLength: 2, maxLength: 16 });
const environments = fc.constantFrom('live', 'staging', 'dev', 'e2');
const ids = fc.uuid({ version: 7 });
const secrets = textOf(base62Digits, { minLength: 43, maxLength: 43 });
const format = new KeyFormat('kw');
const keys = fc
  .tuple(environments, ids, secrets)
  .map(([environment, id, secret]) => format.compose(environment, id, secret));

describe('the form of a key', () => {
  it('is read back as it was written, whatever the prefix', () => {
    fc.assert(
      fc.property(prefixes, environments, ids, secrets, (prefix, environment, id, secret) => {
        const own = new KeyFormat(prefix);
        const key = own.compose(environment, id, secret);
        expect(own.parse(key)).toEqual({ kind: 'key', environment, id, secret });
        expect(key.startsWith(`${own.start(environment, id)}_`)).toBe(true);
      }),
    );
  });

  it('shows its id without being read, and whatever else stands there does no harm', () => {
    fc.assert(
      fc.property(prefixes, environments, ids, secrets, (prefix, environment, id, secret) => {
        expect(claimedId(new KeyFormat(prefix).compose(environment, id, secret))).toBe(id);
      }),
    );
    fc.assert(fc.property(fc.string(), (anything) => expect(claimedId(anything).length).toBeLessThanOrEqual(36)));
  });

  it('ends with the CRC-32 (IEEE) of everything before it', () => {
    const key = format.compose('live', '01900000-0000-7000-8000-000000000000', '0'.repeat(43));
    // 0xCBF43926 is the check value of CRC-32/IEEE: this zlib is the one that the standard means
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(key).toBe(`kw_live_01900000-0000-7000-8000-000000000000_${'0'.repeat(43)}3u1IXA`);
  });

  it('is broken by any one character that is changed', () => {
    fc.assert(
      fc.property(keys, fc.nat(), fc.constantFrom(...base62Digits, '_', '-', ' ', 'é'), (key, position, character) => {
        const at = position % key.length;
        fc.pre(at >= 3 && key[at] !== character);
        expect(format.parse(key.slice(0, at) + character + key.slice(at + 1)).kind).toBe('malformed');
      }),
      { numRuns: 2000 },
    );
  });

  it('is broken by two neighbours that changed places, and by anything cut off, doubled or added', () => {
    fc.assert(
      fc.property(keys, fc.nat(), fc.constantFrom(...base62Digits), (key, position, extra) => {
        const at = 3 + (position % (key.length - 4));
        const swapped = key.slice(0, at) + key[at + 1] + key[at] + key.slice(at + 2);
        const spoiled = [
          key.slice(0, at),
          key.slice(0, at) + key.slice(at + 1),
          key.slice(0, at) + key[at] + key.slice(at),
          key + extra,
          `${key} `,
        ];
        for (const text of swapped === key ? spoiled : [swapped, ...spoiled])
          expect(format.parse(text).kind).toBe('malformed');
      }),
      { numRuns: 500 },
    );
  });

  it('is never found in arbitrary text, and reading it never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        expect(format.parse(text).kind).not.toBe('key');
        expect(format.parse(`kw_${text}`).kind).toBe('malformed');
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['fifteen-letters', 'malformed'],
    ['sixteen-letters!', 'legacy'],
    ['x'.repeat(512), 'legacy'],
    ['x'.repeat(513), 'malformed'],
    ['with\ttab and more text', 'malformed'],
    ['with a newline at the end\n', 'malformed'],
    ['with ünïcode and more', 'malformed'],
    ['kw-is-not-the-prefix', 'legacy'],
    ['KW_live_upper_case_prefix', 'legacy'],
    ['kw_anything that is long enough', 'malformed'],
    ['', 'malformed'],
  ])('makes of %j that it is %s', (credential, kind) => {
    expect(format.parse(credential).kind).toBe(kind);
  });

  it('makes secrets of 43 digits that do not repeat', () => {
    const made = Array.from({ length: 1000 }, () => format.newSecret());
    expect(made.every((secret) => /^[0-9A-Za-z]{43}$/.test(secret))).toBe(true);
    expect(new Set(made).size).toBe(1000);
  });
});
