import { verify } from '@node-rs/argon2';
import { bare64, base64, count, refusedHash } from './hash-encoding.js';
import type { SaltedForm } from './salted-form.js';

const MAX_MEMORY_KIB = 131_072;
/** Memory times passes decides how long it takes. */
const MAX_WORK_KIB = 262_144;
const MAX_LANES = 16;

const form =
  /^(\$argon2(?:id|i|d)\$v=(?:16|19)\$)m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** A PHC string: `$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>` (RFC 9106). */
export function argon2Form(text: string): SaltedForm {
  const [, kind, m, t, p, salt64 = '', hash64 = ''] = form.exec(text) ?? [];
  const [salt, hash] = [base64(salt64), base64(hash64)];
  if (kind === undefined || salt === undefined || hash === undefined)
    throw refusedHash('must be an argon2 string such as $argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>');
  const [memory, passes, lanes] = [count(m), count(t), count(p)];
  const isBearable =
    memory <= MAX_MEMORY_KIB && memory * passes <= MAX_WORK_KIB && lanes <= MAX_LANES && memory >= 8 * lanes;
  if (!isBearable) {
    throw refusedHash(
      `has the argon2 cost m=${m},t=${t},p=${p}; allowed are m up to ${MAX_MEMORY_KIB}, m times t up to ${MAX_WORK_KIB}, p up to ${MAX_LANES} and m/8`,
    );
  }
  // a last character with bits of no byte is one that the library does not read
  const canonical = `${kind}m=${memory},t=${passes},p=${lanes}$${bare64(salt)}$${bare64(hash)}`;
  return { text: canonical, verify: (key) => verify(canonical, key) };
}
