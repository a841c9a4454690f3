import { randomFillSync } from 'node:crypto';

const RECORD_BYTES = 10;
const pool = Buffer.allocUnsafe(400 * RECORD_BYTES);
/** The pool in hexadecimal; one system call and one conversion serve 400 ids. */
let digits = '';
let offset = 0;

/** 20 random digits; the fourth carries the variant of RFC 9562. */
function randomTail(): string {
  if (offset === digits.length) {
    randomFillSync(pool);
    for (let at = 1; at < pool.length; at += RECORD_BYTES) pool[at] = ((pool[at] ?? 0) & 0xf3) | 0x08;
    digits = pool.toString('hex');
    offset = 0;
  }
  offset += 2 * RECORD_BYTES;
  return digits.slice(offset - 2 * RECORD_BYTES, offset);
}

let latest = 0;
let sequence = 0;

/**
 * A time-ordered UUID, version 7 (RFC 9562, 5.7). `now` is in milliseconds since the epoch; without it, ids of one process
 * are in the order in which they were made even within a millisecond (6.2, method 1), so that lists by id tell a story.
 */
export function uuidV7(now?: number): string {
  const tail = randomTail();
  if (now !== undefined) return compose(now, tail.slice(0, 3), tail);
  const current = Date.now();
  if (current > latest) {
    latest = current;
    sequence = Number.parseInt(tail.slice(0, 3), 16) >> 1;
  } else if (++sequence > 0xfff) {
    latest += 1; // more than fit: a little ahead of the clock, or of one that was set back
    sequence = 0;
  }
  return compose(latest, sequence.toString(16).padStart(3, '0'), tail);
}

let headOf = -1;
let head = '';

function compose(now: number, order: string, tail: string): string {
  if (now !== headOf) {
    const time = now.toString(16).padStart(12, '0');
    headOf = now;
    head = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  return `${head}${order}-${tail.slice(3, 7)}-${tail.slice(7, 19)}`;
}

/** True for the canonical form of any UUID. */
export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}
