import type { ArgumentsHost } from '@nestjs/common';
import type { Request, Response } from 'express';

/** The request that a step of the pipeline is asked about: `switchToHttp()` would make three functions at every step. */
export function requestOf(host: ArgumentsHost): Request {
  return host.getArgByIndex<Request>(0);
}

/** The response to that request. */
export function responseOf(host: ArgumentsHost): Response {
  return host.getArgByIndex<Response>(1);
}
