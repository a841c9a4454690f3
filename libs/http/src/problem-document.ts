import { Problem, type ProblemDefinition } from './problem.js';

/** An answer as it goes over the wire. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProblemOccurrence {
  readonly requestId: string;
  /** Path of the request; absent when the request could not be parsed. */
  readonly instance?: string;
}

/** Where the documentation of a problem stands; also the `type` of its documents. */
export function problemUrl(baseUrl: string, definition: ProblemDefinition): string {
  return `${baseUrl}/problems/${definition.code}`;
}

/** Renders a problem as application/problem+json (RFC 9457). */
export function problemAnswer(problem: Problem, occurrence: ProblemOccurrence, baseUrl: string): ProblemAnswer {
  const { definition, errors, members, headers } = problem;
  const document = {
    ...members,
    type: problemUrl(baseUrl, definition),
    title: definition.title,
    status: definition.status,
    detail: problem.message,
    instance: occurrence.instance,
    code: definition.code,
    requestId: occurrence.requestId,
    errors: errors ?? wholeRequest(problem),
  };
  const unavailable: Record<string, string> = definition.status === 503 ? { 'Retry-After': '1' } : {};
  return {
    status: definition.status,
    headers: { 'Content-Type': 'application/problem+json; charset=utf-8', ...unavailable, ...headers },
    body: JSON.stringify(document),
  };
}

/** Whoever reads `errors` of a 400 or 422 finds what is wrong there, also where no field is to blame: `''` is all (RFC 6901). */
function wholeRequest({ definition, message }: Problem): Problem['errors'] {
  return definition.status === 400 || definition.status === 422 ? [{ pointer: '', detail: message }] : undefined;
}
