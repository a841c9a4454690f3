import { createHash, timingSafeEqual } from 'node:crypto';
import { bare64, base64, digestFrom, refusedHash } from './hash-encoding.js';
import type { SaltedForm } from './salted-form.js';

export const digestBytes = { sha256: 32, sha512: 64 } as const;
type Sha = keyof typeof digestBytes;

/** SHA of prefix, key and suffix, one after the other. */
export function saltedShaForm(sha: Sha, hash: string, prefix: string, suffix: string): SaltedForm {
  return of(sha, Buffer.from(prefix), Buffer.from(suffix), digestFrom(hash, digestBytes[sha]));
}

/** The same from its own text. */
export function storedShaForm(text: string): SaltedForm {
  const [, sha, prefix = '', suffix = '', digest = ''] =
    /^\$(sha256|sha512)\$p=([^,$]*),s=([^,$]*)\$([^$]+)$/.exec(text) ?? [];
  if (sha !== 'sha256' && sha !== 'sha512') throw refusedHash('is not of a known form');
  return of(sha, fromText(prefix), fromText(suffix), fromText(digest));
}

function of(sha: Sha, prefix: Buffer, suffix: Buffer, digest: Buffer): SaltedForm {
  return {
    text: `$${sha}$p=${bare64(prefix)},s=${bare64(suffix)}$${bare64(digest)}`,
    verify: (key) =>
      Promise.resolve(timingSafeEqual(createHash(sha).update(prefix).update(key).update(suffix).digest(), digest)),
  };
}

function fromText(text: string): Buffer {
  return base64(text) ?? Buffer.alloc(0);
}
