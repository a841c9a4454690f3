import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ApiKeyGuard } from './api-key.guard.js';
import type { Authentication } from './authenticator.js';
import { principalOf } from './current-principal.decorator.js';
import type { PermissionName } from './permission.js';
import { Principal } from './principal.js';

/** Whether a call that goes on, such as a stream, might still be made. */
@Injectable()
export class StandingAccess {
  constructor(private readonly guard: ApiKeyGuard) {}

  /**
   * Answers for the caller of `request`, each time anew: the credential is good, the caller holds every permission of
   * `required`, and reaches exactly as far as at the beginning.
   */
  of(request: Request, ...required: readonly PermissionName[]): () => boolean | Promise<boolean> {
    const { scope } = principalOf(request.context);
    const judge = (answer: Authentication | undefined): boolean =>
      answer !== undefined &&
      'identity' in answer &&
      required.every((name) => answer.identity.permissions.has(name)) &&
      new Principal(answer.identity, request.context).scope === scope;
    return () => {
      const answer = this.guard.reexamine(request);
      return answer instanceof Promise ? answer.then(judge) : judge(answer);
    };
  }
}
