import { invalid } from '#libs/http';

/** A row is refused for its hash; `detail` says what is allowed and never repeats the hash. */
export function refusedHash(detail: string): Error {
  return invalid([{ pointer: '/hash', detail }]);
}

/** A digest in hex, base64 or base64url, told apart by its length. @throws Problem request.invalid */
export function digestFrom(text: string, bytes: number): Buffer {
  if (text.length === bytes * 2 && /^[0-9a-f]+$/i.test(text)) return Buffer.from(text, 'hex');
  const digest = base64(text);
  if (digest?.length === bytes) return digest;
  throw refusedHash(`must be ${bytes} bytes in hex (${bytes * 2} digits) or in base64`);
}

/** The bytes of base64 or base64url, padded or not; undefined when it is neither. */
export function base64(text: string): Buffer | undefined {
  const bare = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/_-]+$/.test(bare) || bare.length % 4 === 1) return undefined;
  return Buffer.from(bare, 'base64');
}

/** Base64 without padding, as PHC strings have it. */
export function bare64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** A whole number without sign or leading zero; NaN for anything else. */
export function count(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
}
