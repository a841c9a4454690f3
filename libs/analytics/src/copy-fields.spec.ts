import fc from 'fast-check';
import { fieldsOf } from '../../../test/support/copy-rows.js';
import { bigint, inet, integer, NULL_FIELD, numericDigits, smallint, text, timestamptz, uuid } from './copy-fields.js';

const bytesOf = (field: string): Buffer => fieldsOf(field)[0]!;

describe('a field of a COPY in binary', () => {
  it('holds whole numbers as PostgreSQL reads them', () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -32_768, max: 32_767 }), (four, eight, two) => {
        expect(bytesOf(integer(four)).readInt32BE()).toBe(four);
        expect(bytesOf(bigint(eight)).readBigInt64BE()).toBe(BigInt(eight));
        expect(bytesOf(smallint(two)).readInt16BE()).toBe(two);
      }),
    );
  });

  it('holds times in microseconds from 2000 on, before it too', () => {
    expect(bytesOf(timestamptz(Date.UTC(2000, 0, 1, 0, 0, 0, 1))).readBigInt64BE()).toBe(1000n);
    expect(bytesOf(timestamptz(Date.UTC(1999, 11, 31, 23, 59, 59, 999))).readBigInt64BE()).toBe(-1000n);
  });

  it('holds any text in UTF-8, but for the character that PostgreSQL keeps in none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(bytesOf(text(value)).toString()).toBe(value.replaceAll('\0', ' ').toWellFormed());
      }),
    );
  });

  it('holds an id in 16 bytes', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(bytesOf(uuid(id)).toString('hex')).toBe(id.replaceAll('-', ''));
      }),
    );
  });

  it('holds an address with its family, and NULL for what is none', () => {
    expect(bytesOf(inet('192.0.2.1')).toString('hex')).toBe('02200004c0000201');
    expect(bytesOf(inet('2001:db8::1')).toString('hex')).toBe('0380001020010db8000000000000000000000001');
    expect(inet('unknown')).toBe(NULL_FIELD);
  });

  it('holds a count below 10^12 as three digits to the base 10,000', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(20_000), fc.integer({ min: 0, max: 10 ** 12 - 1 })), (count) => {
        const digits = Buffer.from(numericDigits(count), 'latin1');
        expect((digits.readInt16BE(0) * 10_000 + digits.readInt16BE(2)) * 10_000 + digits.readInt16BE(4)).toBe(count);
      }),
    );
  });
});
