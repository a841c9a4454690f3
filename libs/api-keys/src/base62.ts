const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value` in base 62 (0-9A-Za-z), most significant digit first, zero-padded to `width`. */
export function base62(value: bigint, width: number): string {
  let rest = value;
  let text = '';
  for (; rest > 0n; rest /= 62n) text = `${DIGITS[Number(rest % 62n)]}${text}`;
  return text.padStart(width, '0');
}

/** The same for an unsigned number of 32 bits; the checksum of every call is written with it. */
export function base62OfUint32(value: number, width: number): string {
  let rest = value;
  let text = '';
  while (rest > 0) {
    text = `${DIGITS[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(width, '0');
}
