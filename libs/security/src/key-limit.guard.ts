import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AccessObservers, principalOf, RouteAccessTable } from '#libs/access';
import { requestOf, responseOf } from '#libs/http';
import { type Consumption, KeyLimits } from './key-limits.js';

/** How often? Counts the call against its key's rate and quota; a public route has no key to count against. */
@Injectable()
export class KeyLimitGuard implements CanActivate {
  constructor(
    private readonly routes: RouteAccessTable,
    private readonly limits: KeyLimits,
    private readonly observers: AccessObservers,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (this.routes.of(context.getHandler())?.public === true) return true;
    const request = requestOf(context);
    const response = responseOf(context);
    const consumption = this.limits.count(principalOf(request.context).identity);
    return consumption instanceof Promise
      ? consumption.then((settled) => this.conclude(settled, request, response))
      : this.conclude(consumption, request, response);
  }

  private conclude({ headers, refusal }: Consumption, { context }: Request, response: Response): boolean {
    if (headers !== undefined) {
      response.setHeader('RateLimit-Policy', headers['RateLimit-Policy']);
      response.setHeader('RateLimit', headers.RateLimit);
    }
    if (refusal === undefined) return true;
    this.observers.rejected(refusal, context, context.caller);
    throw refusal;
  }
}
