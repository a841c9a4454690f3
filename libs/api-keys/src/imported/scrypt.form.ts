import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { bare64, base64, count, refusedHash } from './hash-encoding.js';
import type { SaltedForm } from './salted-form.js';

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
const MAX_MEMORY = 128 * 1024 * 1024;
/** N * r * p decides how long it takes: 2^20 is N=2^17, r=8, p=1. */
const MAX_WORK = 2 ** 20;

/** A PHC string: `$scrypt$ln=16,r=8,p=1$<salt>$<hash>`, where N is 2 to the power of ln (RFC 7914). */
export function scryptForm(text: string): SaltedForm {
  const [, ln, r, p, salt64, hash64] =
    /^\$scrypt\$ln=(\d{1,3}),r=(\d{1,10}),p=(\d{1,10})\$([^$]{1,172})\$([^$]{22,172})$/.exec(text) ?? [];
  const [salt, hash] = [base64(salt64 ?? ''), base64(hash64 ?? '')];
  if (salt === undefined || hash === undefined || hash.length < 16 || hash.length > 128)
    throw refusedHash('must be a scrypt string such as $scrypt$ln=16,r=8,p=1$<salt>$<hash>');
  const cost = { N: 2 ** count(ln), r: count(r), p: count(p) };
  const memory = 128 * cost.r * (cost.N + cost.p);
  if (!(memory <= MAX_MEMORY && cost.N * cost.r * cost.p <= MAX_WORK && count(ln) < 16 * cost.r)) {
    throw refusedHash(
      `has the scrypt cost ln=${ln},r=${r},p=${p}; allowed are 128 * r * (2^ln + p) up to ${MAX_MEMORY} bytes, 2^ln * r * p up to ${MAX_WORK} and ln below 16 * r`,
    );
  }
  return {
    text: `$scrypt$ln=${ln},r=${r},p=${p}$${bare64(salt)}$${bare64(hash)}`,
    verify: async (key) =>
      timingSafeEqual(await derive(key, salt, hash.length, { ...cost, maxmem: memory + 512 * cost.r }), hash),
  };
}
