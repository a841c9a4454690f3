import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Problem, requestOf } from '#libs/http';
import { AccessObservers } from './access-observer.js';
import { AccessProblems } from './access.problems.js';
import { principalOf } from './current-principal.decorator.js';
import { RouteAccessTable } from './route-access.js';

/** May they? The principal must hold every permission that the route requires. */
@Injectable()
export class PermissionsGuard implements CanActivate {
  constructor(
    private readonly routes: RouteAccessTable,
    private readonly observers: AccessObservers,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.routes.of(context.getHandler());
    if (access?.public === true) return true;
    const call = requestOf(context).context;
    const principal = principalOf(call);
    const required = access?.required ?? [];
    const missing = required.filter((name) => !principal.identity.permissions.has(name));
    if (missing.length === 0) {
      this.observers.admitted(principal, call);
      return true;
    }
    const problem = new Problem(AccessProblems.missing, {
      detail: `This call needs ${required.join(' and ')}; the key lacks ${missing.join(' and ')}.`,
      members: { required, missing },
    });
    this.observers.rejected(problem, call, principal);
    throw problem;
  }
}
