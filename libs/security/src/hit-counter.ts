import type { Rate } from '#libs/config';

/** How a window stands after a hit. */
export interface Hit {
  /** Hits in the window, this one included; beyond the limit it is not counted up further. */
  readonly hits: number;
  /** Milliseconds until the window ends. */
  readonly endsInMs: number;
}

/** Counts hits in windows that begin with their first hit. */
export interface HitCounter {
  /** `scope`: what is counted, such as `key`; `subject`: which one. */
  hit(scope: string, subject: string, rate: Rate): Hit | Promise<Hit>;
}
