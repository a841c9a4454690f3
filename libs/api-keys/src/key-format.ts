import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62, base62OfUint32 } from './base62.js';

const SECRET_BYTES = 32;
const SECRET_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const UUID_LENGTH = 36;
/** `_`, the secret and its checksum. */
const TAIL_LENGTH = 1 + SECRET_DIGITS + CHECKSUM_DIGITS;
const form = /^([a-z0-9]+)_([0-9A-Za-z-]{1,64})_([0-9A-Za-z]{43})$/;
const legacyForm = /^[\x20-\x7e]{16,512}$/;

/** What a credential is by its form alone. */
export type ParsedCredential =
  | { readonly kind: 'key'; readonly environment: string; readonly id: string; readonly secret: string }
  | { readonly kind: 'legacy'; readonly key: string }
  | { readonly kind: 'malformed' };

const malformed: ParsedCredential = { kind: 'malformed' };

/**
 * The form of a key: `<prefix>_<environment>_<id>_<secret><checksum>`. The checksum (CRC-32, IEEE 802.3) lets a typing
 * error or a truncated copy be refused, and a leaked key be recognised, without asking anybody.
 */
export class KeyFormat {
  constructor(private readonly prefix: string) {}

  /** 32 random bytes in base 62. */
  newSecret(): string {
    return base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_DIGITS);
  }

  /** The part of a key that may be shown: everything before the secret. */
  start(environment: string, id: string): string {
    return `${this.prefix}_${environment}_${id}`;
  }

  compose(environment: string, id: string, secret: string): string {
    const body = `${this.start(environment, id)}_${secret}`;
    return body + checksum(body);
  }

  /** What begins with the installation's prefix is judged by the form above, anything else as a legacy key. */
  parse(credential: string): ParsedCredential {
    if (!credential.startsWith(`${this.prefix}_`)) {
      return legacyForm.test(credential) ? { kind: 'legacy', key: credential } : malformed;
    }
    const end = credential.length - CHECKSUM_DIGITS;
    const body = credential.slice(0, end);
    const [, environment, id, secret] = form.exec(body.slice(this.prefix.length + 1)) ?? [];
    if (environment === undefined || id === undefined || secret === undefined) return malformed;
    if (credential.slice(end) !== checksum(body)) return malformed;
    return { kind: 'key', environment, id, secret };
  }
}

/** Where the id of a key stands, without a look at anything else: whatever is there may be looked up, but proves nothing. */
export function claimedId(credential: string): string {
  return credential.slice(-TAIL_LENGTH - UUID_LENGTH, -TAIL_LENGTH);
}

function checksum(body: string): string {
  return base62OfUint32(crc32(body), CHECKSUM_DIGITS);
}
