import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Problem } from '#libs/http';
import { addressGroup, HIT_COUNTER, type HitCounter, RateLimitProblems } from '#libs/security';
import { ApiKeysConfig } from '../api-keys.config.js';

const MAX_SOURCES = 10_000;

/**
 * Wrong keys that cost a slow hash, counted by source: an IPv4 address or an IPv6 /64. Beyond the limit a source waits,
 * and nobody else does: keys that need no slow hash, as all do after their first use, are not held up from there either.
 */
@Injectable()
export class SlowGuesses {
  /** Until when each source waits, in monotonic milliseconds. */
  private readonly waiting = new LRUCache<string, number>({ max: MAX_SOURCES });

  constructor(
    private readonly config: ApiKeysConfig,
    @Inject(HIT_COUNTER) private readonly counter: HitCounter,
  ) {}

  /** @throws Problem rate_limit.address while the source has to wait */
  assertMayGuess(address: string | null): void {
    if (address === null) return;
    const leftMs = (this.waiting.get(addressGroup(address)) ?? 0) - performance.now();
    if (leftMs <= 0) return;
    throw new Problem(RateLimitProblems.address, {
      detail: 'Too many wrong keys came from this address; imported keys that were never used here have to wait.',
      retryAfter: leftMs / 1000,
      reason: 'rate_limit.address: wrong imported keys',
    });
  }

  /** A guess from there was wrong. */
  async failed(address: string | null): Promise<void> {
    const rate = this.config.importedGuessLimit;
    if (rate === undefined || address === null) return;
    const source = addressGroup(address);
    const { hits, endsInMs } = await this.counter.hit('imported guess', source, rate);
    if (hits >= rate.limit) this.waiting.set(source, performance.now() + endsInMs);
  }
}
