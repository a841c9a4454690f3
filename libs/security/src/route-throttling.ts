import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** What @SkipThrottle() of @nestjs/throttler writes for the throttler of no particular name. */
const SKIP = 'THROTTLER:SKIPdefault';

/** Which routes are exempt from limits by @SkipThrottle(); asked at every call, so each answer is kept. */
@Injectable()
export class RouteThrottling {
  private readonly known = new Map<unknown, boolean>();

  constructor(private readonly reflector: Reflector) {}

  skips(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const known = this.known.get(handler);
    if (known !== undefined) return known;
    const skips = this.reflector.getAllAndOverride<boolean | undefined>(SKIP, [handler, context.getClass()]) === true;
    this.known.set(handler, skips);
    return skips;
  }
}
