import ipaddr from 'ipaddr.js';

/*
 * PostgreSQL's binary format for COPY (manual, COPY, File Formats, Binary Format): a field is its length and so many bytes.
 * Each character of these texts is one byte: Node joins texts, and copies them into a message, faster than buffers.
 */

const UINT32 = 2 ** 32;
/** Midnight of 2000-01-01 in UTC, from which PostgreSQL counts, in milliseconds since the epoch. */
const FROM_MS = 946_684_800_000;
const [AF_INET, AF_INET6] = ['\x02', '\x03'];

const int16 = (value: number): string => String.fromCharCode((value >>> 8) & 255, value & 255);
const int32 = (value: number): string =>
  String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const field = (bytes: string): string => int32(bytes.length) + bytes;

const HEADER = `PGCOPY\n\xff\r\n\0${int32(0)}${int32(0)}`;
const TRAILER = '\xff\xff';

export const NULL_FIELD = '\xff\xff\xff\xff';

/** What COPY takes: each row begins with `fieldCount`. */
export function copyOf(rows: readonly string[]): string {
  return `${HEADER}${rows.join('')}${TRAILER}`;
}

export function fieldCount(count: number): string {
  return int16(count);
}

export function smallint(value: number): string {
  return `\0\0\0\x02${int16(value)}`;
}

export function integer(value: number): string {
  return `\0\0\0\x04${int32(value)}`;
}

/** Of a whole number that JavaScript holds exactly. */
export function bigint(value: number): string {
  return `\0\0\0\x08${int32(Math.floor(value / UINT32))}${int32(value)}`;
}

/** `at`: milliseconds since the epoch. */
export function timestamptz(at: number): string {
  return bigint((Math.trunc(at) - FROM_MS) * 1000);
}

/** Without the one character that PostgreSQL keeps in no text. */
export function text(value: string): string {
  return field(Buffer.from(value.replaceAll('\0', ' ')).toString('latin1'));
}

/** Of letters, digits and marks of ASCII alone. */
export function asciiText(value: string): string {
  return field(value);
}

export function uuid(value: string): string {
  return field(Buffer.from(value.replaceAll('-', ''), 'hex').toString('latin1'));
}

/** One address; NULL for what is none. */
export function inet(value: string): string {
  if (!ipaddr.isValid(value)) return NULL_FIELD;
  const bytes = ipaddr.parse(value).toByteArray();
  const [family, bits] = bytes.length === 4 ? [AF_INET, 32] : [AF_INET6, 128];
  return field(`${family}${String.fromCharCode(bits, 0, bytes.length, ...bytes)}`);
}

/** A whole number by its `numericDigits`, the first of which counts 10,000 ** `weight`. */
export function numeric(digits: string, weight: number): string {
  const [positive, scale] = ['\0\0', '\0\0'];
  return field(`${int16(digits.length / 2)}${int16(weight)}${positive}${scale}${digits}`);
}

/** `value`, less than 10^12, as three digits to the base 10,000. */
export function numericDigits(value: number): string {
  if (value < 10_000) return `\0\0\0\0${int16(value)}`;
  return [100_000_000, 10_000, 1].map((unit) => int16(Math.floor(value / unit) % 10_000)).join('');
}
