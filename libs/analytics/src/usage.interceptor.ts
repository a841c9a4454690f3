import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from '#libs/http';
import { UsageProblems } from './analytics.problems.js';
import { UsageRecorder } from './usage.recorder.js';

/** First segments of what is served beside the API: probes must not depend on the database, and pages are nobody's usage. */
const exempt = new Set([
  'health',
  'status',
  'metrics',
  'docs',
  'redoc',
  'openapi.json',
  'problems',
  'assets',
  'dashboard',
  'favicon.ico',
]);

/** From here on an answer must not be held for the whole time that a write may take, or it would come too late. */
const LATE_MS = 1000;
const ANSWER_WITHIN_MS = 2300;

/**
 * Records every call once its outcome is known, admitted or refused. It intercepts the answer itself rather than the
 * handler: a Nest interceptor never sees a call that a guard refused or that no route matched.
 */
@Injectable()
export class UsageInterceptor {
  private readonly exempted = new Map<string, boolean>();

  constructor(private readonly recorder: UsageRecorder) {}

  /** Called once for every answer, right before it ends; the answer waits for the promise, if there is one. */
  beforeAnswer({ context, socket }: Request, response: Response): Promise<void> | undefined {
    const { route } = context;
    if (route !== null && this.isExempt(route)) return undefined;
    const durationMs = context.elapsedMs();
    const committed = this.recorder.record({
      occurredAt: context.arrivedAt,
      durationMs,
      statusCode: response.statusCode,
      responseBytes: response.bodyBytes,
      method: context.method,
      route,
      apiKeyId: context.caller.keyId,
      userId: context.caller.userId,
      organizationId: context.caller.organizationId,
      address: context.clientAddress,
      userAgent: context.userAgent,
      requestId: context.requestId,
      problemCode: context.problemCode,
      refusal: context.refusal,
    });
    // what has been streaming since was answered in time when it began, and nobody waits whose connection is gone
    return committed === undefined || durationMs < LATE_MS || response.headersSent || socket.destroyed
      ? committed
      : within(committed, ANSWER_WITHIN_MS - durationMs, response.statusCode >= 500);
  }

  /** Asked at every call, so the answer for each route is kept; there are few. */
  private isExempt(route: string): boolean {
    const known = this.exempted.get(route);
    if (known !== undefined) return known;
    const [, first = ''] = route.split('/', 2);
    this.exempted.set(route, exempt.has(first));
    return exempt.has(first);
  }
}

/**
 * Settles like `promise`, at the latest after `ms`: an answer that is late already is not made to wait any longer. Then a
 * failure goes out as it is, but a success only if its record is safe.
 */
function within(promise: Promise<void>, ms: number, isFailure: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      isFailure ? resolve() : reject(new Problem(UsageProblems.unavailable, { retryAfter: 1 }));
    const timer = setTimeout(late, Math.max(0, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
