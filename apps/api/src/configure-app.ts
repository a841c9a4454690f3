import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import {
  AddressRanges,
  EventStreams,
  HttpConfig,
  type HttpServerHooks,
  type KeywardHttpAdapter,
  Problem,
  problemAnswer,
  problemCatalogue,
  RequestContext,
  RequestProblems,
  resourceHeaders,
  uuidV7,
} from '#libs/http';
import { AnswerRecords } from './answer-records.js';
import { documentationPaths, serveDocumentation } from './documentation/serve-documentation.js';
import { setSecurityHeaders } from './security-headers.js';

export const API_PREFIX = 'api/v1';
/** Served at the root: for probes and for people, not for clients of the API. */
const outsidePrefix = ['health', 'health/{*probe}', 'status', ...documentationPaths];

/** Everything about the application that is not a module: paths, and what the server does around the pipeline. */
export async function configureApp(app: NestExpressApplication, adapter: KeywardHttpAdapter): Promise<void> {
  app.setGlobalPrefix(API_PREFIX, { exclude: outsidePrefix });
  app.set('query parser', 'simple');
  adapter.useHooks(serverHooks(app.get(HttpConfig), app.get(AnswerRecords), app.get(EventStreams)));
  serveDocumentation(app);
}

function serverHooks(config: HttpConfig, records: AnswerRecords, streams: EventStreams): HttpServerHooks {
  const trustedProxies = new AddressRanges(config.trustedProxies);
  const overTls = config.baseUrl.startsWith('https:');
  const identify = ({ context }: Request, response: Response): void => {
    response.setHeader('X-Request-Id', context.requestId);
    setSecurityHeaders(response, overTls);
  };
  return {
    onArrival(request: Request, response: Response) {
      request.context = new RequestContext(request, trustedProxies);
      identify(request, response);
    },
    headersOf: (body, status) => resourceHeaders(body, status, `/${API_PREFIX}`),
    onAnswer(request: Request, response: Response, outcome) {
      return records.before(request, response, outcome);
    },
    onAccounted(request: Request, response: Response) {
      records.accounted(request, response);
    },
    onDrain: () => streams.endAll(),
    onAnswerFailed(error, request: Request, response: Response) {
      identify(request, response);
      records.failed(error, request, response);
    },
    renderRefusal({ code, detail, request }) {
      const context = request === undefined ? undefined : contextOf(request);
      const requestId = context?.requestId ?? uuidV7();
      if (context !== undefined) Object.assign(context, { problemCode: code, refusal: code });
      const problem = new Problem(problemCatalogue().get(code) ?? RequestProblems.malformed, { detail });
      const answer = problemAnswer(problem, { requestId, instance: context?.path }, config.baseUrl);
      const allow: Record<string, string> =
        answer.status === 405 ? { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {};
      return { ...answer, headers: { 'X-Request-Id': requestId, ...allow, ...answer.headers } };
    },
  };
}

/** The context of a request that arrived; one that was refused by the parser has none. */
function contextOf(request: object): RequestContext | undefined {
  const context: unknown = Reflect.get(request, 'context');
  return context instanceof RequestContext ? context : undefined;
}
