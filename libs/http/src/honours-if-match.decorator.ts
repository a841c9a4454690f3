import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { requestOf } from './messages-of.js';
import { Precondition } from './precondition.js';

const HONOURS = 'keyward:honours-if-match';

class IfMatchInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { context: call, headers } = requestOf(context);
    const sent = headers['if-match'];
    if (sent === undefined) return next.handle();
    const precondition = Precondition.parse(sent);
    call.precondition = precondition;
    const name = `${context.getClass().name}.${context.getHandler().name}`;
    return next.handle().pipe(tap({ complete: () => assertJudged(precondition, name) }));
  }
}

/** A demand that is silently ignored is worse than one that fails: whoever sends it relies on it. */
function assertJudged({ isJudged }: Precondition, name: string): void {
  if (!isJudged) throw new Error(`${name} honours If-Match, but its service never calls principal.assertSeen(row).`);
}

/**
 * The route changes or removes one resource and is refused with 412 when If-Match names another state of it. Its service
 * calls `principal.assertSeen(row)` right after it has locked the row.
 */
export function HonoursIfMatch(): MethodDecorator {
  return applyDecorators(SetMetadata(HONOURS, true), UseInterceptors(IfMatchInterceptor));
}

/** Whether a handler has `@HonoursIfMatch()`. */
export function honoursIfMatch(handler: object): boolean {
  return Reflect.getMetadata(HONOURS, handler) === true;
}
