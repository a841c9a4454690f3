import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  NotFoundException,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Request, Response } from 'express';
import { RepeatedLines } from '#libs/log';
import { type ErrorTranslator, TranslatesErrors } from './error-translator.js';
import { HttpConfig } from './http.config.js';
import { RequestProblems, ServerProblems } from './http.problems.js';
import { requestOf, responseOf } from './messages-of.js';
import { Problem } from './problem.js';
import { problemAnswer } from './problem-document.js';
import type { RequestContext } from './request-context.js';
import { RouteTable } from './route-table.js';

/** Refuses a call that no route serves, or lets it be answered as such; it must not reject. */
export type UnroutedCheck = (call: RequestContext) => Problem | undefined | Promise<Problem | undefined>;

/** Answers every error as a problem document; what nobody expected is logged with its cause and answered 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter, OnModuleInit, OnApplicationShutdown {
  private readonly faults = new RepeatedLines(new Logger('ProblemFilter'));
  private translators: ErrorTranslator[] = [];
  private unroutedCheck: UnroutedCheck = () => undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly routes: RouteTable,
    private readonly config: HttpConfig,
  ) {}

  onModuleInit(): void {
    this.translators = TranslatesErrors.collect(this.discovery);
  }

  onApplicationShutdown(): void {
    this.faults.flush();
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = requestOf(host);
    const response = responseOf(host);
    // Nest throws this when no route matched
    if (error instanceof NotFoundException) this.answerUnrouted(request, response);
    else this.answer(this.problemOf(error), request, response);
  }

  /** Sends `problem` unless an answer has begun; then the connection is cut, so that no client takes a torso for whole. */
  answer(problem: Problem, request: Request, response: Response): void {
    const { context } = request;
    context.problemCode = problem.code;
    context.refusal ??= problem.reason;
    if (problem.status >= 500) this.log(problem, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, headers, body } = problemAnswer(
      problem,
      { requestId: context.requestId, instance: context.path },
      this.config.baseUrl,
    );
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  }

  /** Has `check` asked about every call that no route serves: no guard sees those. */
  checkUnrouted(check: UnroutedCheck): void {
    this.unroutedCheck = check;
  }

  /** Answers a request for which nothing is there at all. */
  answerUnrouted(request: Request, response: Response): void {
    const refusal = this.unroutedCheck(request.context);
    if (refusal instanceof Promise) {
      void refusal.then((settled) => this.concludeUnrouted(settled, request, response));
    } else this.concludeUnrouted(refusal, request, response);
  }

  private concludeUnrouted(refusal: Problem | undefined, request: Request, response: Response): void {
    if (refusal !== undefined) {
      this.answer(refusal, request, response);
      return;
    }
    if (request.method === 'OPTIONS' && this.answerOptions(request, response)) return;
    this.answer(this.unrouted(request), request, response);
  }

  /** What a path supports is no secret (RFC 9110, 9.3.7). False when nothing is there. */
  private answerOptions({ context }: Request, response: Response): boolean {
    const allowed = this.routes.methodsOf(context.path);
    if (allowed.length === 0) return false;
    response.statusCode = 204;
    response.setHeader('Allow', allowed.join(', '));
    response.end();
    return true;
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof Problem) return error;
    for (const translator of this.translators) {
      const problem = translator.translate(error);
      if (problem !== undefined) return problem;
    }
    if (error instanceof HttpException) return this.ofHttpException(error);
    if (error instanceof URIError)
      return new Problem(RequestProblems.malformed, { detail: 'The path is not valid percent-encoded UTF-8.' });
    return new Problem(ServerProblems.unexpected, { cause: error });
  }

  /** Nest itself throws these. */
  private ofHttpException(error: HttpException): Problem {
    const status = error.getStatus();
    if (status >= 400 && status < 500) return new Problem(RequestProblems.malformed, { cause: error });
    return new Problem(ServerProblems.unexpected, { cause: error });
  }

  private unrouted({ method, context: { path } }: Request): Problem {
    const allowed = this.routes.methodsOf(path);
    if (allowed.length === 0) return new Problem(RequestProblems.notFound, { detail: `Nothing is served at ${path}.` });
    return new Problem(RequestProblems.methodNotAllowed, {
      detail: `${method} is not supported here; allowed: ${allowed.join(', ')}.`,
      headers: { Allow: allowed.join(', ') },
    });
  }

  private log(problem: Problem, request: Request): void {
    const { requestId, method, route } = request.context;
    const facts = { requestId, method, route, code: problem.code, err: problem.cause };
    if (problem.status === 500) this.faults.error({ msg: 'Unexpected error', ...facts }, problem.code);
    else this.faults.warn({ msg: 'Call could not be served', ...facts }, problem.code);
  }
}
