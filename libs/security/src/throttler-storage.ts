import { Inject, Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import type { HitCounter } from './hit-counter.js';

/** Injection token of the HitCounter in use. */
export const HIT_COUNTER = Symbol('HIT_COUNTER');

type Record = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Gives @nestjs/throttler the same counter, so that a feature's own @Throttle() counts over replicas too. */
@Injectable()
export class CounterThrottlerStorage implements ThrottlerStorage {
  constructor(@Inject(HIT_COUNTER) private readonly counter: HitCounter) {}

  async increment(key: string, ttl: number, limit: number, _blockDuration: number, name: string): Promise<Record> {
    const { hits, endsInMs } = await this.counter.hit(name, key, { limit, windowSeconds: ttl / 1000 });
    const seconds = Math.ceil(endsInMs / 1000);
    return { totalHits: hits, timeToExpire: seconds, isBlocked: hits > limit, timeToBlockExpire: seconds };
  }
}
