import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type RequestContext, requestOf } from '#libs/http';
import { Principal } from './principal.js';

/** The principal of a call. @throws Error on a public route, which has none */
export function principalOf(call: RequestContext): Principal {
  if (call.caller instanceof Principal) return call.caller;
  throw new Error(`${call.method} ${call.path} was reached without authentication, but asks for its principal.`);
}

/** Hands the authenticated caller to a controller method. */
export const CurrentPrincipal = createParamDecorator((_: undefined, context: ExecutionContext) =>
  principalOf(requestOf(context).context),
);
