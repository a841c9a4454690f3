import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { defineSeam, hasMethods } from '#libs/extensions';
import type { Caller, Problem, RequestContext } from '#libs/http';
import type { Principal } from './principal.js';

/** Hears who was let in and who was not, and why. It must be quick, and it cannot change the outcome. */
export interface AccessObserver {
  /** Authenticated and permitted. */
  admitted?(principal: Principal, call: RequestContext): void;
  /** Refused; `problem.reason` is the true reason, which may say more than the client is told. */
  rejected?(problem: Problem, call: RequestContext, caller: Caller): void;
}

/** Marks a provider as an AccessObserver. */
export const ObservesAccess = defineSeam<AccessObserver>(
  'ObservesAccess',
  (candidate): candidate is AccessObserver => hasMethods(candidate, 'admitted') || hasMethods(candidate, 'rejected'),
);

/** Passes admissions and refusals on to every observer; one that throws is logged and harms nobody. */
@Injectable()
export class AccessObservers implements OnModuleInit {
  private readonly logger = new Logger('AccessObservers');
  private observers: AccessObserver[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.observers = ObservesAccess.collect(this.discovery);
  }

  admitted(principal: Principal, call: RequestContext): void {
    for (const observer of this.observers) this.tell(() => observer.admitted?.(principal, call));
  }

  rejected(problem: Problem, call: RequestContext, caller: Caller): void {
    call.refusal = problem.reason;
    for (const observer of this.observers) this.tell(() => observer.rejected?.(problem, call, caller));
  }

  private tell(message: () => void): void {
    try {
      message();
    } catch (err) {
      this.logger.error({ msg: 'An access observer failed', err });
    }
  }
}
