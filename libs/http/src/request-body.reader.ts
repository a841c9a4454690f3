import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { RequestProblems } from './http.problems.js';
import { parseJsonBody } from './json-body.js';
import { requestOf } from './messages-of.js';
import { pointerTo } from './input-fault.js';
import { Problem } from './problem.js';
import { routeArguments } from './route-arguments.js';
import { invalid } from './validation.pipe.js';

/** 100 KiB */
const MAX_BYTES = 102_400;
const bodiless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reads the body, once it is known that the caller may send one: no stranger makes the server parse.
 * It stands among the guards because that is where a step between authorization and validation belongs in Nest.
 * No body at all reads as an empty object.
 */
@Injectable()
export class RequestBodyReader implements CanActivate {
  private readonly taking = new Map<object, boolean>();

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context);
    if (bodiless.has(request.method)) return true;
    return this.read(request, this.takesBody(context));
  }

  private takesBody(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const known = this.taking.get(handler);
    if (known !== undefined) return known;
    const named = (kind: 'body' | 'request'): boolean =>
      routeArguments(context.getClass(), handler.name, kind).length > 0;
    const takes = named('body') || named('request');
    this.taking.set(handler, takes);
    return takes;
  }

  private async read(request: Request, isTaken: boolean): Promise<boolean> {
    const { headers } = request;
    const announced = headers['content-length'];
    if (announced !== undefined && Number(announced) > MAX_BYTES) throw tooLarge();
    const bytes = await collect(request);
    if (bytes.length === 0) {
      request.body = {};
      return true;
    }
    assertJson(headers['content-type'], headers['content-encoding']);
    request.body = parseJsonBody(bytes);
    if (!isTaken) assertEmpty(request.body);
    return true;
  }
}

/** An empty object is what clients send who always send one. @throws Problem request.invalid */
function assertEmpty(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid([{ pointer: '', detail: 'must be absent, or an empty object: the route takes no body' }]);
  const members = Object.keys(body);
  if (members.length > 0)
    throw invalid(
      members.map((name) => ({
        pointer: pointerTo(name, ''),
        detail: 'is not a field of this request, which takes no body',
      })),
    );
}

function assertJson(type: string | undefined, encoding: string | undefined): void {
  const [mediaType, ...parameters] = (type ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isJson = mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType ?? '');
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset);
  if (isJson && isUtf8 && (encoding === undefined || encoding === 'identity')) return;
  throw new Problem(RequestProblems.unsupportedMediaType, {
    detail: `Read were Content-Type ${type ?? '(none)'} and Content-Encoding ${encoding ?? 'identity'}; allowed is application/json in UTF-8, not encoded.`,
    headers: { 'Accept-Post': 'application/json' },
  });
}

function tooLarge(): Problem {
  return new Problem(RequestProblems.payloadTooLarge, {
    detail: `The body may have at most ${MAX_BYTES} bytes.`,
    headers: { Connection: 'close' },
  });
}

function collect(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) {
        chunks.length = 0;
        request.removeAllListeners('data').resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (cause) =>
      reject(new Problem(RequestProblems.malformed, { detail: 'The body ended early.', cause })),
    );
    request.once('aborted', () => reject(new Problem(RequestProblems.malformed, { detail: 'The client went away.' })));
  });
}
