import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { bare64, base64, count, refusedHash } from './hash-encoding.js';
import type { SaltedForm } from './salted-form.js';

const derive = promisify(pbkdf2);
const MAX_ITERATIONS = { sha1: 1_200_000, sha256: 1_200_000, sha512: 600_000 } as const;
type Digest = keyof typeof MAX_ITERATIONS;

const phc = /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,10})(?:,l=\d{1,3})?\$([^$]{1,172})\$([^$]{22,172})$/;
const django = /^pbkdf2_(sha1|sha256|sha512)\$(\d{1,10})\$([\x21-\x23\x25-\x7e]{1,128})\$([^$]{22,172})$/;

/** `$pbkdf2-sha256$i=600000$<salt>$<hash>`, with or without `i=` (passlib writes `.` for `+`); or Django's `pbkdf2_sha256$...`, whose salt is text. */
export function pbkdf2Form(text: string): SaltedForm {
  const isDjango = text.startsWith('pbkdf2_');
  const [, named, iterationsText, salt64, hash64] = (isDjango ? django : phc).exec(text) ?? [];
  const salt = isDjango ? Buffer.from(salt64 ?? '') : adapted64(salt64);
  const hash = adapted64(hash64);
  if (salt === undefined || hash === undefined || hash.length < 16 || hash.length > 64)
    throw refusedHash('must be a PBKDF2 string such as $pbkdf2-sha256$i=600000$<salt>$<hash>');
  const digest: Digest = named === 'sha256' || named === 'sha512' ? named : 'sha1';
  const iterations = count(iterationsText);
  if (!(iterations <= MAX_ITERATIONS[digest])) {
    throw refusedHash(
      `has ${iterationsText} iterations of PBKDF2 with ${digest}; allowed are 1 to ${MAX_ITERATIONS[digest]}`,
    );
  }
  return {
    text: `$pbkdf2-${digest}$i=${iterations}$${bare64(salt)}$${bare64(hash)}`,
    verify: async (key) => timingSafeEqual(await derive(key, salt, iterations, hash.length, digest), hash),
  };
}

function adapted64(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : base64(text.replaceAll('.', '+'));
}
