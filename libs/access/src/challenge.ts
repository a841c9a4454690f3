import { Problem } from '#libs/http';
import { CredentialProblems } from './access.problems.js';

/** A 401 with the challenge that HTTP requires (RFC 9110, 11.6.1; RFC 6750, 3); other problems unchanged. */
export function challenged(problem: Problem): Problem {
  if (problem.status !== 401) return problem;
  const error =
    problem.definition === CredentialProblems.missing
      ? ''
      : `, error="invalid_token", error_description="${problem.definition.title}"`;
  return new Problem(problem.definition, {
    detail: problem.message,
    members: problem.members,
    headers: { ...problem.headers, 'WWW-Authenticate': `Bearer realm="keyward"${error}` },
    reason: problem.reason,
  });
}
