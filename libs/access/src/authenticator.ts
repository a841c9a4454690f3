import { defineSeam, hasMethods } from '#libs/extensions';
import type { Caller, Problem, RequestContext } from '#libs/http';
import type { Identity } from './principal.js';

/** The credential proves an identity. */
export interface Authenticated {
  readonly identity: Identity;
}

/** The credential proves nothing, or its holder may not call now. */
export interface Refused {
  /** What the client is told; its `reason` is what truly happened. */
  readonly problem: Problem;
  /** Whose credential it was, where that is known. */
  readonly caller: Caller;
  /** Whether possession of the credential was proved: only then does the call count as the caller's. */
  readonly proved: boolean;
}

export type Authentication = Authenticated | Refused;

/** Knows one kind of credential. */
export interface Authenticator {
  /** Undefined when the credential is not of this kind. Answers without a promise where it can. */
  authenticate(
    credential: string,
    call: RequestContext,
  ): Authentication | undefined | Promise<Authentication | undefined>;
  /** Authenticators with a smaller number are asked first; the one for API keys takes whatever is left, at 1000. */
  readonly order?: number;
}

/** Marks a provider as an Authenticator: a credential of another kind is accepted beside API keys. */
export const Authenticates = defineSeam<Authenticator>('Authenticates', (candidate): candidate is Authenticator =>
  hasMethods(candidate, 'authenticate'),
);
