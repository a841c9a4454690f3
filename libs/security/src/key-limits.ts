import { Inject, Injectable } from '@nestjs/common';
import type { Identity, Quota } from '#libs/access';
import { Clock } from '#libs/clock';
import type { Rate } from '#libs/config';
import { Problem } from '#libs/http';
import type { Hit, HitCounter } from './hit-counter.js';
import { QuotaMeter, quotaResetsAt } from './quota-meter.js';
import { rateLimitHeaders, type RateLimitHeaders } from './rate-limit.headers.js';
import { SecurityConfig } from './security.config.js';
import { QuotaProblems, RateLimitProblems } from './security.problems.js';
import { HIT_COUNTER } from './throttler-storage.js';

/** What became of one call: its headers, and the refusal if it was one too many. */
export interface Consumption {
  readonly headers: RateLimitHeaders | undefined;
  readonly refusal: Problem | undefined;
}

const unlimited: Consumption = { headers: undefined, refusal: undefined };
const QUOTA_RETRY_SECONDS = 3600;

/** Counts a call against its key: first the rate, then, if that let it pass, the quota. */
@Injectable()
export class KeyLimits {
  constructor(
    private readonly config: SecurityConfig,
    private readonly quotas: QuotaMeter,
    private readonly clock: Clock,
    @Inject(HIT_COUNTER) private readonly counter: HitCounter,
  ) {}

  /** Like `count`, for callers who only need the refusal. */
  async consume(identity: Identity): Promise<Problem | undefined> {
    return (await this.count(identity)).refusal;
  }

  /** Answers without a promise when the count is kept in memory and the key has no quota. */
  count(identity: Identity): Consumption | Promise<Consumption> {
    const rate = identity.rateLimit ?? this.config.keyLimit;
    const subject = identity.limitSubject ?? identity.userId ?? '';
    const hit = rate === undefined ? undefined : this.counter.hit('key', subject, rate);
    if (hit instanceof Promise) return hit.then((settled) => this.judge(identity, rate, settled));
    return this.judge(identity, rate, hit);
  }

  private judge(identity: Identity, rate: Rate | undefined, hit: Hit | undefined): Consumption | Promise<Consumption> {
    const headers = rate === undefined || hit === undefined ? undefined : rateLimitHeaders('key', rate, hit);
    if (rate !== undefined && hit !== undefined && hit.hits > rate.limit) {
      const refusal = new Problem(RateLimitProblems.apiKey, {
        detail: `At most ${rate.limit} calls in ${rate.windowSeconds} s are allowed with this key.`,
        retryAfter: hit.endsInMs / 1000,
      });
      return { headers, refusal };
    }
    if (identity.quota !== null && identity.limitSubject !== null) {
      return this.meter(identity.limitSubject, identity.quota, headers);
    }
    return headers === undefined ? unlimited : { headers, refusal: undefined };
  }

  private async meter(keyId: string, quota: Quota, headers: RateLimitHeaders | undefined): Promise<Consumption> {
    if (await this.quotas.take(keyId, quota)) return { headers, refusal: undefined };
    const now = this.clock.now();
    const resetsAt = quotaResetsAt(quota, now);
    const refusal = new Problem(QuotaProblems.exhausted, {
      detail: `The key may make ${quota.limit} calls${quota.period === 'total' ? ' in all' : ` a ${quota.period}`}; they are used up.`,
      retryAfter: resetsAt === null ? QUOTA_RETRY_SECONDS : (resetsAt.getTime() - now.getTime()) / 1000,
      members: { limit: quota.limit, period: quota.period, resetsAt },
    });
    return { headers, refusal };
  }
}
