import fc from 'fast-check';
import { base62, base62OfUint32 } from './base62.js';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const valueOf = (text: string): bigint =>
  text.split('').reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);

describe('base 62', () => {
  it.each([
    [0n, 3, '000'],
    [61n, 1, 'z'],
    [62n, 2, '10'],
    [2n ** 32n - 1n, 6, '4gfFC3'],
  ])('writes %s in %d digits as %s', (value, width, text) => {
    expect(base62(value, width)).toBe(text);
  });

  it('loses nothing: what is written can be read back', () => {
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 256n - 1n), (value) => valueOf(base62(value, 43)) === value));
  });

  it('has the same width for every value of 32 bytes', () => {
    expect(base62(2n ** 256n - 1n, 43)).toHaveLength(43);
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 256n - 1n), (value) => base62(value, 43).length === 43));
  });

  it('writes numbers of 32 bits by the quick way as by the other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (value) => base62OfUint32(value, 6) === base62(BigInt(value), 6),
      ),
    );
  });
});
