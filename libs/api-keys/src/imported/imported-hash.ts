import { createHmac, hash as digestOf } from 'node:crypto';
import { invalid } from '#libs/http';
import { argon2Form } from './argon2.form.js';
import { bcryptForm } from './bcrypt.form.js';
import { base64, digestFrom } from './hash-encoding.js';
import { pbkdf2Form } from './pbkdf2.form.js';
import type { SaltedForm } from './salted-form.js';
import { digestBytes, saltedShaForm, storedShaForm } from './salted-sha.form.js';
import { scryptForm } from './scrypt.form.js';

export const schemes = ['sha256', 'sha512', 'hmac-sha256', 'bcrypt', 'scrypt', 'argon2', 'pbkdf2'] as const;
export type Scheme = (typeof schemes)[number];

/** What of a row describes its hash. */
export interface DescribedHash {
  readonly scheme: Scheme;
  readonly hash: string;
  readonly lookup?: string;
  readonly saltPrefix?: string;
  readonly saltSuffix?: string;
  readonly secret?: string;
}

/** How a digest is made of a key; the same for many keys. */
export type Recipe =
  { readonly scheme: 'sha256' | 'sha512' } | { readonly scheme: 'hmac-sha256'; readonly secret: Buffer };

/** A hash that the key alone determines: whoever presents the key can be found by it. */
export interface ImportedDigest {
  readonly recipe: Recipe;
  readonly digest: Buffer;
}

/** A hash of either kind, read and found acceptable. */
export type ImportedHash = ImportedDigest | { readonly form: SaltedForm; readonly lookup: string };

export function digestBy(recipe: Recipe, key: string): Buffer {
  return recipe.scheme === 'hmac-sha256'
    ? createHmac('sha256', recipe.secret).update(key).digest()
    : digestOf(recipe.scheme, key, 'buffer');
}

/** @throws Problem request.invalid naming what is wrong with the hash and what is allowed */
export function readHash(described: DescribedHash): ImportedHash {
  const { scheme, hash, lookup, secret } = described;
  const isSalted = described.saltPrefix !== undefined || described.saltSuffix !== undefined;
  if (isSalted && scheme !== 'sha256' && scheme !== 'sha512')
    throw invalid([
      { pointer: '/saltPrefix', detail: 'is for sha256 and sha512 alone; other schemes have their salt in the hash' },
    ]);
  if (scheme === 'hmac-sha256') return { recipe: { scheme, secret: secretFrom(secret) }, digest: digestFrom(hash, 32) };
  if (secret !== undefined) throw invalid([{ pointer: '/secret', detail: 'is for hmac-sha256 alone' }]);
  if (!isSalted && (scheme === 'sha256' || scheme === 'sha512'))
    return { recipe: { scheme }, digest: digestFrom(hash, digestBytes[scheme]) };
  if (lookup === undefined)
    throw invalid([
      { pointer: '/lookup', detail: 'must be given for a salted hash: the first 8 to 32 characters of the key' },
    ]);
  return { form: saltedForm(scheme, described), lookup };
}

/** A form from its own text, which was found acceptable when it was imported. */
export function storedForm(text: string): SaltedForm {
  if (text.startsWith('$2')) return bcryptForm(text);
  if (text.startsWith('$argon2')) return argon2Form(text);
  if (text.startsWith('$scrypt')) return scryptForm(text);
  return text.startsWith('$sha') ? storedShaForm(text) : pbkdf2Form(text);
}

function saltedForm(scheme: Exclude<Scheme, 'hmac-sha256'>, row: DescribedHash): SaltedForm {
  switch (scheme) {
    case 'bcrypt':
      return bcryptForm(row.hash);
    case 'argon2':
      return argon2Form(row.hash);
    case 'scrypt':
      return scryptForm(row.hash);
    case 'pbkdf2':
      return pbkdf2Form(row.hash);
    default:
      return saltedShaForm(scheme, row.hash, row.saltPrefix ?? '', row.saltSuffix ?? '');
  }
}

/** Text as it is, or bytes as `hex:...` or `base64:...`. */
function secretFrom(text: string | undefined): Buffer {
  const [, encoding, encoded = ''] = /^(hex|base64):(.+)$/.exec(text ?? '') ?? [];
  const secret =
    encoding === undefined
      ? Buffer.from(text ?? '')
      : encoding === 'hex' && /^([0-9a-f]{2})+$/i.test(encoded)
        ? Buffer.from(encoded, 'hex')
        : base64(encoding === 'base64' ? encoded : '');
  if (secret !== undefined && secret.length >= 1 && secret.length <= 1024) return secret;
  throw invalid([
    {
      pointer: '/secret',
      detail: 'must be given for hmac-sha256: 1 to 1024 bytes as text, or as hex:... or base64:...',
    },
  ]);
}
