import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import type { Request, Response } from 'express';
import { UsageInterceptor } from '#libs/analytics';
import { type AnswerOutcome, Problem, ProblemFilter, ServerProblems } from '#libs/http';
import { AnswerMetrics } from './answer.metrics.js';

/** Client closed request, as nginx records it; HTTP has no status for an answer that nobody waited for. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Injection token of the LoggerService that the application was created with; `app.useLogger()` does not change it. By way of
 * Nest's `Logger` a line takes 1.4 times as long.
 */
export const ANSWER_LOG = Symbol('ANSWER_LOG');

/** What is done with every answer right before it ends: its usage record, then its metrics and one line in the log. */
@Injectable()
export class AnswerRecords {
  constructor(
    private readonly usage: UsageInterceptor,
    private readonly problems: ProblemFilter,
    private readonly metrics: AnswerMetrics,
    @Inject(ANSWER_LOG) private readonly logger: LoggerService,
  ) {}

  /** The answer ends when the promise settles; undefined lets it end now. */
  before(request: Request, response: Response, outcome: AnswerOutcome): Promise<void> | undefined {
    // whatever status stands there was told nobody, and is Node's 200 when no handler came to set one
    if (outcome === 'aborted' && !response.headersSent) response.statusCode = CLIENT_CLOSED_REQUEST;
    return this.usage.beforeAnswer(request, response);
  }

  /** The record could not be made, so the answer must not go out as if it had been. */
  failed(error: unknown, request: Request, response: Response): void {
    const problem = error instanceof Problem ? error : new Problem(ServerProblems.unexpected, { cause: error });
    this.problems.answer(problem, request, response);
    this.accounted(request, response);
  }

  /** The answer goes out now, or never will because its client is gone. */
  accounted({ context }: Request, response: Response): void {
    this.metrics.answered(context, response.statusCode);
    const line = {
      msg: 'Request',
      requestId: context.requestId,
      method: context.method,
      route: context.route,
      status: response.statusCode,
      ms: Math.round(context.elapsedMs() * 10) / 10,
      keyId: context.caller.keyId,
      userId: context.caller.userId,
      address: context.clientAddress,
      refusal: context.refusal ?? undefined,
    };
    this.logger.log(line, 'Request');
  }
}
