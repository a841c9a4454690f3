import type { ArgumentsHost } from '@nestjs/common';
import type { Request, Response } from 'express';

/*
 * What a step of the pipeline is asked about. `switchToHttp()` says the same, but makes three functions each time, and six
 * guards see every call.
 */

export function requestOf(host: ArgumentsHost): Request {
  return host.getArgByIndex<Request>(0);
}

export function responseOf(host: ArgumentsHost): Response {
  return host.getArgByIndex<Response>(1);
}
