import { applyDecorators, type CanActivate, type ExecutionContext, SetMetadata, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { Precondition } from './precondition.js';

const HONOURS = 'keyward:honours-if-match';

class IfMatchReader implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { context: call, headers } = context.switchToHttp().getRequest<Request>();
    const sent = headers['if-match'];
    if (sent !== undefined) call.precondition = Precondition.parse(sent);
    return true;
  }
}

/**
 * The route changes or removes one resource and is refused with 412 when If-Match names another state of it. Its service
 * calls `principal.assertSeen(resource)` right after it has locked the row.
 */
export function HonoursIfMatch(): MethodDecorator {
  return applyDecorators(SetMetadata(HONOURS, true), UseGuards(IfMatchReader));
}

/** Whether a handler has `@HonoursIfMatch()`. */
export function honoursIfMatch(handler: object): boolean {
  return Reflect.getMetadata(HONOURS, handler) === true;
}
