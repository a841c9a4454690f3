import { StreamableFile } from '@nestjs/common';
import type { Response } from 'express';

const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Whether `body` may be sent as JSON without asking Express, whose `res.json` and `res.send` look up settings, parse
 * the content type they just set and check for conditions on every answer. Everything out of the ordinary is left to it.
 */
export function isPlainJson(body: unknown, response: Response): body is object {
  if (typeof body !== 'object' || body === null) return false;
  if (body instanceof StreamableFile || body instanceof Error) return false;
  if (WITHOUT_BODY.has(response.statusCode) || response.hasHeader('Content-Type')) return false;
  const { method, headers } = response.req;
  return method !== 'HEAD' && headers['if-none-match'] === undefined && headers['if-modified-since'] === undefined;
}
