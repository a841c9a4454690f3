import { Injectable } from '@nestjs/common';
import { Authenticates, type Authentication, type Authenticator } from '#libs/access';
import { Problem, type RequestContext } from '#libs/http';
import { ApiKeyVerifier, type Verification } from './api-key.verifier.js';
import { ApiKeyProblems } from './api-keys.problems.js';

/** Plugs API keys, legacy ones included, into access as the credential of last resort: it judges whatever others leave. */
@Authenticates()
@Injectable()
export class ApiKeyAuthenticator implements Authenticator {
  readonly order = 1000;

  constructor(private readonly verifier: ApiKeyVerifier) {}

  authenticate(credential: string, call: RequestContext): Authentication | Promise<Authentication> {
    const verification = this.verifier.verify(credential, call.clientAddress);
    return verification instanceof Promise ? verification.then(conclude) : conclude(verification);
  }
}

function conclude({ key, refusal, caller }: Verification): Authentication {
  if (refusal !== undefined) return { problem: refusal, caller, proved: key !== undefined };
  if (key === undefined) return { problem: new Problem(ApiKeyProblems.invalid), caller, proved: false };
  return { identity: key.identity };
}
