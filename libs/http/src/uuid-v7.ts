import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(4096);
let offset = pool.length;

/** 10 random bytes from a pool: one system call serves 400 ids. */
function randomTail(): string {
  if (offset + 10 > pool.length) {
    randomFillSync(pool);
    offset = 0;
  }
  offset += 10;
  return pool.toString('hex', offset - 10, offset);
}

const variants = '89ab';

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

function compose(now: number, order: string, tail: string): string {
  const time = now.toString(16).padStart(12, '0');
  const variant = variants[Number.parseInt(tail[3] ?? '0', 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${variant}${tail.slice(4, 7)}-${tail.slice(7, 19)}`;
}

/** True for the canonical form of any UUID. */
export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}
