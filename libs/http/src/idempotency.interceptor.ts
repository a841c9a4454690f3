import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { CreationRecords, type RepeatableRequest } from './creation-records.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { requestOf, responseOf } from './messages-of.js';
import { isUuid } from './uuid-v7.js';
import { asResource, factsOf } from './resource.js';
import { withoutShownOnce } from './shown-once.decorator.js';

/**
 * Lets a creation be sent again safely: with an Idempotency-Key it happens once, and later answers replay the first.
 * It stands on every POST that `@Returns(201, ...)`; a request without the header passes untouched.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly records: CreationRecords) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> | Promise<Observable<unknown>> {
    const request = requestOf(context);
    const repeatable = request.method === 'POST' ? repeatableRequest(request) : undefined;
    return repeatable === undefined
      ? next.handle()
      : this.once(repeatable, next, responseOf(context)).then((body) => of(body));
  }

  private async once(request: RepeatableRequest, next: CallHandler, response: Response): Promise<unknown> {
    let created: unknown;
    const earlier = await this.records.once(request, async () => {
      created = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { body: withoutShownOnce(created), about: factsOf(created) };
    });
    if (earlier === undefined) return created;
    response.setHeader('Idempotency-Replayed', 'true');
    const body: unknown = JSON.parse(earlier.body);
    return earlier.about === undefined || typeof body !== 'object' || body === null
      ? body
      : asResource(body, earlier.about);
  }
}

/** Undefined without the header, and for strangers: there is nobody whose answer could be told from another's. */
function repeatableRequest(request: Request): RepeatableRequest | undefined {
  const key = idempotencyKeyOf(request);
  const { caller, method, route } = request.context;
  const sender = caller.keyId ?? caller.userId;
  if (key === undefined || sender === null) return undefined;
  const [, query = ''] = request.originalUrl.split('?', 2);
  const parameters = Object.entries(request.params).map(([name, value]) => [
    name,
    isUuid(String(value)) ? String(value).toLowerCase() : value,
  ]);
  return {
    identity: digest([sender, method, route, parameters, key]), // one path can be written in several ways
    content: digest([key, query, canonical(request.body)]),
  };
}

function digest(parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/** The same for the same JSON, whatever the order of its members; its depth was bounded when it was parsed. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { members: members.map(([name, member]) => [name, canonical(member)]) };
}
