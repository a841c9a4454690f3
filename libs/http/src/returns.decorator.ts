import { applyDecorators, HttpCode, SetMetadata, type Type, UseInterceptors } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import type { ProblemDefinition } from './problem.js';

/** Status and body of success, for the route and for its OpenAPI entry alike. A POST that creates (201) honours Idempotency-Key. */
export function Returns(status: number, type?: Type | [Type]): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ...(status === 201 ? [UseInterceptors(IdempotencyInterceptor)] : []),
    ApiResponse(type === undefined ? { status, description: 'Done' } : { status, type, description: 'Success' }),
  );
}

/** The route answers 200 with a stream of events whose data is of `type`, for the route and for its OpenAPI entry alike. */
export function ReturnsEvents(type: Type): MethodDecorator {
  const content = { 'text/event-stream': { schema: { $ref: getSchemaPath(type) } } };
  return applyDecorators(
    HttpCode(200),
    ApiExtraModels(type),
    ApiResponse({ status: 200, description: 'Events, each with this as its data', content }),
  );
}

const PROBLEMS = 'keyward:problems';

/** Problems of this route beyond those that every route of its kind has; they appear in its OpenAPI entry. */
export function MayFailWith(...problems: readonly ProblemDefinition[]): MethodDecorator {
  return SetMetadata(PROBLEMS, problems);
}

/** What `@MayFailWith` declared on a handler. */
export function declaredProblems(handler: object): readonly ProblemDefinition[] {
  const found: unknown = Reflect.getMetadata(PROBLEMS, handler);
  return Array.isArray(found) ? found : [];
}
