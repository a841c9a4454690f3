import { LRUCache } from 'lru-cache';
import type { Rate } from '#libs/config';
import type { Hit, HitCounter } from './hit-counter.js';

/** Beyond this many windows of a scope the one unused longest is forgotten, so that no stranger fills the memory. */
const MAX_WINDOWS = 100_000;

interface Window {
  hits: number;
  endsAt: number;
}

/** Counts in this process, by the monotonic clock. */
export class MemoryHitCounter implements HitCounter {
  private readonly scopes = new Map<string, LRUCache<string, Window>>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  hit(scope: string, subject: string, { limit, windowSeconds }: Rate): Hit {
    const now = this.now();
    const windows = this.scopes.get(scope) ?? this.begin(scope);
    let window = windows.get(subject);
    if (window === undefined || window.endsAt <= now) {
      window = { hits: 0, endsAt: now + windowSeconds * 1000 };
      windows.set(subject, window);
    }
    if (window.hits <= limit) window.hits += 1;
    // (now + w) - now can exceed w by a rounding error, which would be told as a second more
    return { hits: window.hits, endsInMs: Math.min(window.endsAt - now, windowSeconds * 1000) };
  }

  private begin(scope: string): LRUCache<string, Window> {
    const windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });
    this.scopes.set(scope, windows);
    return windows;
  }
}
