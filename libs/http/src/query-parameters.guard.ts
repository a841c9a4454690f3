import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { notAParameter } from './input-fault.js';
import { requestOf } from './messages-of.js';
import { routeArguments } from './route-arguments.js';
import { invalid } from './validation.pipe.js';

const ANY_QUERY = 'keyward:any-query';

/** The routes of this controller let pass whatever stands behind the `?`: for pages and probes, where it defeats caches. */
export const AnyQuery = (): ClassDecorator => SetMetadata(ANY_QUERY, true);

/** The parameters that a route takes one by one; undefined: its query class decides, or it takes any. */
type Taken = readonly string[] | undefined;

/** Refuses query parameters that a route does not take; where it has a query class, the validation pipe does that. */
@Injectable()
export class QueryParametersGuard implements CanActivate {
  private readonly byHandler = new Map<object, Taken>();

  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context);
    if (!request.url.includes('?')) return true;
    const taken = this.takenBy(context);
    if (taken === undefined) return true;
    const unknown = Object.keys(request.query).filter((name) => !taken.includes(name));
    if (unknown.length > 0) throw invalid(unknown.map((name) => notAParameter(name, taken)));
    return true;
  }

  private takenBy(context: ExecutionContext): Taken {
    const handler = context.getHandler();
    if (!this.byHandler.has(handler)) this.byHandler.set(handler, declared(context.getClass(), handler.name));
    return this.byHandler.get(handler);
  }
}

function declared(controller: object, method: string): Taken {
  if (Reflect.getMetadata(ANY_QUERY, controller) === true) return undefined;
  const names = routeArguments(controller, method, 'query');
  return names.every((name) => name !== undefined) ? names : undefined;
}
