import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ApiKeyGuard, PermissionsGuard } from '#libs/access';
import { ProblemFilter, QueryParametersGuard, RequestBodyReader, RequestValidationPipe } from '#libs/http';
import { AddressLimitGuard, KeyLimitGuard } from '#libs/security';

/**
 * The way of a request, in order. Nothing else is registered globally: a guard that a feature registered would run in
 * the order of module imports, perhaps before authentication. Before the first step the server has made the request's
 * context; after the last, `AnswerRecords` records the answer, and holds it until the record is safe.
 */
export const requestPipeline: Provider[] = [
  { provide: APP_GUARD, useExisting: AddressLimitGuard }, // too many from this address? 429
  { provide: APP_GUARD, useExisting: ApiKeyGuard }, //       who is calling? 401
  { provide: APP_GUARD, useExisting: PermissionsGuard }, //  may they? 403
  { provide: APP_GUARD, useExisting: KeyLimitGuard }, //     how often? 429
  { provide: APP_GUARD, useExisting: QueryParametersGuard }, // a parameter that is none? 400
  { provide: APP_GUARD, useExisting: RequestBodyReader }, // what did they send? 400, 413, 415
  { provide: APP_PIPE, useExisting: RequestValidationPipe }, // is it valid? 400
  { provide: APP_FILTER, useExisting: ProblemFilter }, //    whatever went wrong: problem+json
];
