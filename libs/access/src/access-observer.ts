import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { defineSeam, hasMethods } from '#libs/extensions';
import type { Caller, Problem, RequestContext } from '#libs/http';
import { RepeatedLines } from '#libs/log';
import type { Principal } from './principal.js';

/** What became of a credential that was not used here, but that somebody had judged, such as a service at its own door. */
export interface Judgement {
  /** Why it may not be used, with its true reason; null: it may. */
  readonly problem: Problem | null;
  /** Whose credential it was, as far as that is known. */
  readonly caller: Caller;
  /** Whether possession of the credential was proved. */
  readonly proved: boolean;
  /** Who asked; the attempt is theirs to account for, whatever address their call came from. */
  readonly asker: Principal;
  /** From where it was presented to the asker, if the asker says so. */
  readonly address: string | null;
}

/** Hears who was let in and who was not, and why. It must be quick, and it cannot change the outcome. */
export interface AccessObserver {
  /** Authenticated and permitted. */
  admitted?(principal: Principal, call: RequestContext): void;
  /** Refused; `problem.reason` is the true reason, which may say more than the client is told. */
  rejected?(problem: Problem, call: RequestContext, caller: Caller): void;
  /** Judged for somebody else; `call` is the asker's, and was told of as admitted before. */
  judged?(judgement: Judgement, call: RequestContext): void;
}

/** Marks a provider as an AccessObserver. */
export const ObservesAccess = defineSeam<AccessObserver>(
  'ObservesAccess',
  (candidate): candidate is AccessObserver =>
    hasMethods(candidate, 'admitted') || hasMethods(candidate, 'rejected') || hasMethods(candidate, 'judged'),
);

/** Passes admissions and refusals on to every observer; one that throws is logged and harms nobody. */
@Injectable()
export class AccessObservers implements OnModuleInit, OnApplicationShutdown {
  private readonly faults = new RepeatedLines(new Logger('AccessObservers'));
  private observers: AccessObserver[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.observers = ObservesAccess.collect(this.discovery);
  }

  onApplicationShutdown(): void {
    this.faults.flush();
  }

  admitted(principal: Principal, call: RequestContext): void {
    for (const observer of this.observers) this.tell(() => observer.admitted?.(principal, call));
  }

  rejected(problem: Problem, call: RequestContext, caller: Caller): void {
    call.refusal = problem.reason;
    for (const observer of this.observers) this.tell(() => observer.rejected?.(problem, call, caller));
  }

  /** The asker's call bears the reason, and the key where it was proved: a judged credential has no record of its own. */
  judged(judgement: Judgement, call: RequestContext): void {
    const { problem, proved, caller } = judgement;
    const key = proved && caller.keyId !== null ? ` ${caller.keyId}` : '';
    if (problem !== null) call.refusal = `judged${key}: ${problem.reason}`;
    for (const observer of this.observers) this.tell(() => observer.judged?.(judgement, call));
  }

  private tell(message: () => void): void {
    try {
      message();
    } catch (err) {
      this.faults.error({ msg: 'An access observer failed', err });
    }
  }
}
