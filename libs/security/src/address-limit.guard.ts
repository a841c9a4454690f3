import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AccessObservers } from '#libs/access';
import type { Rate } from '#libs/config';
import { Problem, type RequestContext, requestOf, unknownCaller } from '#libs/http';
import { addressGroup } from './address-group.js';
import type { Hit, HitCounter } from './hit-counter.js';
import { rateLimitHeaders } from './rate-limit.headers.js';
import { RouteThrottling } from './route-throttling.js';
import { SecurityConfig } from './security.config.js';
import { RateLimitProblems } from './security.problems.js';
import { HIT_COUNTER } from './throttler-storage.js';

/** Too many calls from one address are refused before any key is read. */
@Injectable()
export class AddressLimitGuard implements CanActivate {
  constructor(
    private readonly config: SecurityConfig,
    private readonly routes: RouteThrottling,
    private readonly observers: AccessObservers,
    @Inject(HIT_COUNTER) private readonly counter: HitCounter,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (this.routes.skips(context)) return true;
    const refusal = this.check(requestOf(context).context);
    return refusal instanceof Promise ? refusal.then(letPass) : letPass(refusal);
  }

  /** Counts a call against its address; the refusal if it was one too many. */
  check(call: RequestContext): Problem | undefined | Promise<Problem | undefined> {
    const rate = this.config.addressLimit;
    if (rate === undefined) return undefined;
    const hit = this.counter.hit('address', addressGroup(call.clientAddress), rate);
    return hit instanceof Promise
      ? hit.then((settled) => this.judge(rate, settled, call))
      : this.judge(rate, hit, call);
  }

  private judge(rate: Rate, hit: Hit, call: RequestContext): Problem | undefined {
    if (hit.hits <= rate.limit) return undefined;
    const problem = new Problem(RateLimitProblems.address, {
      detail: `At most ${rate.limit} calls in ${rate.windowSeconds} s are allowed from one address.`,
      retryAfter: hit.endsInMs / 1000,
      headers: { ...rateLimitHeaders('address', rate, hit) },
    });
    this.observers.rejected(problem, call, unknownCaller);
    return problem;
  }
}

function letPass(refusal: Problem | undefined): boolean {
  if (refusal !== undefined) throw refusal;
  return true;
}
