import { Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { UsageInterceptor } from '#libs/analytics';
import { Problem, ProblemFilter, ServerProblems } from '#libs/http';

/** What is done with every answer right before it ends: its usage record, then one line in the log. */
@Injectable()
export class AnswerRecords {
  private readonly logger = new Logger('Request');

  constructor(
    private readonly usage: UsageInterceptor,
    private readonly problems: ProblemFilter,
  ) {}

  /** The answer ends when the promise settles; undefined lets it end now. */
  before(request: Request, response: Response): Promise<void> | undefined {
    const recorded = this.usage.beforeAnswer(request, response);
    if (recorded === undefined) {
      this.log(request, response);
      return undefined;
    }
    return recorded.then(() => this.log(request, response));
  }

  /** The record could not be made, so the answer must not go out as if it had been. */
  failed(error: unknown, request: Request, response: Response): void {
    const problem = error instanceof Problem ? error : new Problem(ServerProblems.unexpected, { cause: error });
    this.problems.answer(problem, request, response);
    this.log(request, response);
  }

  private log({ context }: Request, response: Response): void {
    this.logger.log({
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
    });
  }
}
