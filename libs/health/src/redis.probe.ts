import { Inject, Injectable } from '@nestjs/common';
import { HIT_COUNTER, RedisHitCounter } from '#libs/security';
import { HealthProbe, type Probe, type ProbeDetail } from './health-probe.js';

/** Whether limits are counted over all replicas; without Redis each process counts for itself, and service goes on. */
@HealthProbe()
@Injectable()
export class RedisProbe implements Probe {
  readonly name = 'redis';
  readonly kind = 'readiness';
  readonly tolerated = true;
  private readonly redis: RedisHitCounter | undefined;

  constructor(@Inject(HIT_COUNTER) counter: unknown) {
    this.redis = counter instanceof RedisHitCounter ? counter : undefined;
  }

  /** False when no REDIS_URL is set. */
  get enabled(): boolean {
    return this.redis !== undefined;
  }

  async check(): Promise<ProbeDetail> {
    if (this.redis?.connected !== true)
      throw new Error('Redis does not answer; each process counts limits for itself.');
    return {};
  }
}
