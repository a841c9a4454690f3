import { type ProblemDefinition, RequestProblems } from '#libs/http';
import type { DocumentedRoute } from './documented-routes.js';
import { type Components, type Operation, refTo, type Reference } from './open-api.types.js';

/** The request headers that operations refer to. */
export const parameterComponents: NonNullable<Components['parameters']> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      `Makes it safe to send the call again (draft-ietf-httpapi-idempotency-key-header): within 24 hours the same
key with the same body creates nothing more and replays the first answer, with \`Idempotency-Replayed: true\`. What is
shown once, such as a new API key, is \`null\` in it: it is not kept anywhere. Use a new UUID for every creation; keys of
different callers and paths have nothing to do with each other. A call that failed may be sent again with the same key.`.replaceAll(
        '\n',
        ' ',
      ),
    schema: { type: 'string', minLength: 1, maxLength: 255 },
    example: '0b0a2c5e-3d1f-4c53-9c6b-6f1e2a7d9b10',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      `The ETag of the state that the change is based on, several of them, or \`*\`: when somebody has changed the
resource since, the answer is 412 and nothing is changed (RFC 9110, 13.1.1). Changes that nobody made, such as of
\`lastUsedAt\`, do not count.`.replaceAll('\n', ' '),
    schema: { type: 'string' },
    example: '"3"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of what you have: when it is still the same, the answer is 304 without a body.',
    schema: { type: 'string' },
    example: '"3"',
  },
};

interface RouteOfVerb extends Pick<DocumentedRoute, 'succeedsWith' | 'honoursIfMatch'> {
  readonly verb: string;
  /** Whether it answers with an ETag. */
  readonly versioned: boolean;
}

/** Whether the route creates something and so honours Idempotency-Key. */
export function creates({ verb, succeedsWith }: RouteOfVerb): boolean {
  return verb === 'post' && succeedsWith === 201;
}

/** The header parameters of a route that may safely be sent again, or only as long as nothing has changed. */
export function headerParametersOf(route: RouteOfVerb): NonNullable<Operation['parameters']> {
  const parameters: Reference[] = [];
  if (creates(route)) parameters.push(refTo('parameters', 'IdempotencyKey'));
  if (route.honoursIfMatch) parameters.push(refTo('parameters', 'IfMatch'));
  if (route.verb === 'get' && route.versioned) parameters.push(refTo('parameters', 'IfNoneMatch'));
  return parameters;
}

/** How these headers make a call fail. */
export function headerProblemsOf(route: RouteOfVerb): readonly ProblemDefinition[] {
  return [
    ...(creates(route) ? [RequestProblems.idempotencyInProgress, RequestProblems.idempotencyMismatch] : []),
    ...(route.honoursIfMatch ? [RequestProblems.preconditionFailed] : []),
    ...(creates(route) || route.honoursIfMatch ? [RequestProblems.invalid] : []),
  ];
}

/** The classes that say how a versioned resource looks: what the routes return that honour If-Match. */
export function versionedClasses(routes: Iterable<DocumentedRoute>): ReadonlySet<unknown> {
  const classes = [...routes].filter(({ honoursIfMatch }) => honoursIfMatch).map(({ returns }) => returns);
  return new Set(classes.filter((returned) => returned !== undefined));
}

/** Whether the answers of a route carry an ETag: it returns a versioned resource, or one with more to it. */
export function isVersioned({ returns }: Pick<DocumentedRoute, 'returns'>, versioned: ReadonlySet<unknown>): boolean {
  for (let type = returns; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    if (versioned.has(type)) return true;
  }
  return false;
}
