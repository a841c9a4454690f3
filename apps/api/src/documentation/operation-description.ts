import { AccessProblems } from '#libs/access';
import { type ProblemDefinition, problemUrl } from '#libs/http';
import type { DocumentedRoute } from './documented-routes.js';
import { type Operation, type Response, isReference, refTo } from './open-api.types.js';
import { operationId } from './operation-id.js';
import { problemExample } from './problem-components.js';
import { headersOf } from './response-headers.js';
import { creates, headerParametersOf, headerProblemsOf, isVersioned } from './repeatable-requests.js';
import { problemsOf } from './route-problems.js';

/** Where an operation stands in the document. */
export interface OperationPlace {
  readonly verb: string;
  readonly path: string;
  readonly baseUrl: string;
  /** The classes of resources with an ETag. */
  readonly versioned: ReadonlySet<unknown>;
}

/** Completes an operation, in place, by what the route's code says: its name, who may call it and how it may fail. */
export function describeOperation(operation: Operation, route: DocumentedRoute, place: OperationPlace): void {
  const { access, feature } = route;
  const parameters = operation.parameters ?? [];
  const versioned = isVersioned(route, place.versioned);
  const routeOfVerb = { ...route, verb: place.verb, versioned };
  const problems = problemsOf({
    ...route,
    declared: [...route.declared, ...headerProblemsOf(routeOfVerb)],
    hasBody: operation.requestBody !== undefined,
    hasParameters: parameters.length > 0,
    isList: parameters.some((parameter) => !isReference(parameter) && parameter.name === 'after'),
    changes: place.verb !== 'get',
  });
  operation.operationId = operationId(route.controller, route.method);
  operation.tags = [feature.title];
  summarize(operation);
  // the swagger plugin guesses the status of success from the method and does not see @Returns
  for (const status of Object.keys(operation.responses)) {
    const isGuess = status.startsWith('2') && route.succeedsWith !== undefined && Number(status) !== route.succeedsWith;
    if (isGuess) Reflect.deleteProperty(operation.responses, status);
  }
  for (const parameter of parameters) {
    const isId = !isReference(parameter) && parameter.in === 'path' && parameter.name === 'id';
    if (isId) parameter.schema = { ...parameter.schema, format: 'uuid' };
  }
  operation.parameters = [...parameters, ...headerParametersOf(routeOfVerb)];
  operation.security = access.public ? [] : [{ ApiKey: [] }, { Bearer: [] }];
  if (!access.public) Object.assign(operation, { 'x-required-permissions': access.required });
  operation.description = [operation.description, mayCall(route)].filter(Boolean).join('\n\n');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response === undefined || isReference(response)) continue;
    const kind = { counted: !access.public, versioned, replayed: creates(routeOfVerb) };
    response.headers = { ...headersOf(Number(status), kind), ...response.headers };
  }
  if (place.verb === 'get' && versioned) {
    operation.responses[304] = { description: 'It is still what If-None-Match names.', headers: headersOf(304) };
  }
  for (const [status, definitions] of problems) {
    operation.responses[status] = problemResponse(status, definitions, route, place);
  }
}

/** The first clause of a handler's docblock is the title of its operation; where there is more, all of it is told. */
function summarize(operation: Operation): void {
  const text = operation.summary ?? '';
  const clause = text.split(/[.:;](?:\s|$)/, 1)[0] ?? '';
  operation.summary = clause;
  if (text.replace(/\.$/, '') !== clause)
    operation.description = [text, operation.description].filter(Boolean).join('\n\n');
}

function mayCall({ access }: DocumentedRoute): string {
  if (access.public) return 'Anybody may call it, without a credential.';
  if (access.required.length === 0) return 'Whoever is authenticated may call it.';
  return `Requires ${access.required.map((name) => `\`${name}\``).join(' and ')}.`;
}

function problemResponse(
  status: number,
  definitions: readonly ProblemDefinition[],
  { access }: DocumentedRoute,
  { path, baseUrl }: OperationPlace,
): Response {
  const required = access.public ? [] : access.required;
  const examples = definitions.map((definition) => [
    definition.code,
    definition.code === AccessProblems.missing.code
      ? problemExample(definition, baseUrl, { path, required })
      : refTo('examples', definition.code),
  ]);
  const lines = definitions.map(
    (definition) => `- [\`${definition.code}\`](${problemUrl(baseUrl, definition)}): ${definition.title}`,
  );
  const response: Response = {
    description: `One of:\n${lines.join('\n')}`,
    headers: headersOf(status),
    content: {
      'application/problem+json': { schema: refTo('schemas', 'Problem'), examples: Object.fromEntries(examples) },
    },
  };
  return Object.assign(response, { 'x-problem-codes': definitions.map(({ code }) => code) });
}
