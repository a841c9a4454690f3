import { type CanActivate, type ExecutionContext, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Request } from 'express';
import { Problem, type RequestContext, requestOf, unknownCaller } from '#libs/http';
import { AccessObservers } from './access-observer.js';
import { Authenticates, type Authentication, type Authenticator, type Refused } from './authenticator.js';
import { CredentialProblems } from './access.problems.js';
import { challenged } from './challenge.js';
import { credentialOf } from './credential.js';
import { Principal } from './principal.js';
import { RouteAccessTable } from './route-access.js';

/** Who is calling? Turns the credential into the call's principal, or refuses it; a public route is let through. */
@Injectable()
export class ApiKeyGuard implements CanActivate, OnModuleInit {
  private authenticators: readonly Authenticator[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly routes: RouteAccessTable,
    private readonly observers: AccessObservers,
  ) {}

  onModuleInit(): void {
    this.authenticators = Authenticates.collect(this.discovery).toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (this.routes.of(context.getHandler())?.public === true) return true;
    const request = requestOf(context);
    const call = request.context;
    const credential = this.read(request);
    const answer = this.ask(0, credential, call);
    return answer instanceof Promise
      ? answer.then((settled) => this.conclude(settled, call))
      : this.conclude(answer, call);
  }

  /** Judges the credential of a call that was let in once more; nobody is told, and nothing is counted. */
  reexamine(request: Request): Authentication | undefined | Promise<Authentication | undefined> {
    const credential = credentialOf(request);
    return credential === undefined ? undefined : this.ask(0, credential, request.context);
  }

  private read(request: Request): string {
    try {
      const credential = credentialOf(request);
      if (credential !== undefined) return credential;
    } catch (error) {
      if (error instanceof Problem) this.observers.rejected(error, request.context, unknownCaller);
      throw error;
    }
    throw this.refuse(
      { problem: new Problem(CredentialProblems.missing), caller: unknownCaller, proved: false },
      request.context,
    );
  }

  /** Asks one authenticator after the other, with a promise only once one of them needs it. */
  private ask(
    index: number,
    credential: string,
    call: RequestContext,
  ): Authentication | undefined | Promise<Authentication | undefined> {
    const answer = this.authenticators[index]?.authenticate(credential, call);
    const next = index + 1;
    if (answer instanceof Promise)
      return answer.then(
        (settled) => settled ?? (next < this.authenticators.length ? this.ask(next, credential, call) : undefined),
      );
    if (answer === undefined && next < this.authenticators.length) return this.ask(next, credential, call);
    return answer;
  }

  private conclude(answer: Authentication | undefined, call: RequestContext): boolean {
    if (answer === undefined)
      throw this.refuse(
        { problem: new Problem(CredentialProblems.missing), caller: unknownCaller, proved: false },
        call,
      );
    if ('problem' in answer) throw this.refuse(answer, call);
    call.caller = new Principal(answer.identity, call);
    return true;
  }

  private refuse({ problem, caller, proved }: Refused, call: RequestContext): Problem {
    if (proved) call.caller = caller; // else anybody who knows an id could fill its owner's records
    call.refusal = problem.reason;
    this.observers.rejected(problem, call, caller);
    return challenged(problem);
  }
}
