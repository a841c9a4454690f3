import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of `body` in base 62, written independently of the code under test. */
export function checksumOf(body: string): string {
  let rest = crc32(Buffer.from(body));
  const digits = Array.from({ length: 6 }, () => {
    const digit = DIGITS[rest % 62];
    rest = Math.trunc(rest / 62);
    return digit;
  });
  return digits.toReversed().join('');
}

/** The secret of a key with its checksum: what must never be seen again. */
export function tailOf(key: string): string {
  return key.slice(key.lastIndexOf('_') + 1);
}

/** The same key with another environment, id or secret, and the checksum that goes with it. */
export function forged(key: string, other: { environment?: string; id?: string; secret?: string }): string {
  const [prefix, environment, id] = key.split('_');
  const body = [
    prefix,
    other.environment ?? environment,
    other.id ?? id,
    other.secret ?? tailOf(key).slice(0, -6),
  ].join('_');
  return body + checksumOf(body);
}
