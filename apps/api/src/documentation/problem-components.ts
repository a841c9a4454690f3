import { AccessProblems } from '#libs/access';
import { Problem, problemAnswer, type ProblemDefinition, type ProblemOptions, RequestProblems } from '#libs/http';
import type { Example, Schema } from './open-api.types.js';

const SOME_ID = '019ab7c8-5e1a-7c3e-9d58-3f6f0c2a1b4d';

/** The schema of every error (RFC 9457). */
export const problemSchema: Schema = {
  type: 'object',
  description: 'A problem document (RFC 9457). `code` is the contract; `title` and `detail` are prose and may change.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  additionalProperties: true,
  properties: {
    type: { type: 'string', format: 'uri', description: 'Where the problem is documented.' },
    title: { type: 'string', description: 'The same for every occurrence of the code.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What happened this time.' },
    instance: { type: 'string', format: 'uri-reference', description: 'The path that was called.' },
    code: { type: 'string', description: 'What went wrong, for programs.', pattern: '^[a-z_]+\\.[a-z_]+$' },
    requestId: { type: 'string', description: 'The X-Request-Id of the answer; quote it to the operator.' },
    errors: {
      type: 'array',
      description: 'The faults of the input, all at once.',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            description: 'A JSON pointer into the body, or `/name` of a query or path parameter.',
          },
          detail: { type: 'string', description: 'What it has to be.' },
        },
      },
    },
  },
};

/** What occurrences of some problems carry beside what all have. */
const options: Readonly<Record<string, ProblemOptions>> = {
  [RequestProblems.invalid.code]: {
    detail: 'Not accepted: /limit.',
    errors: [{ pointer: '/limit', detail: 'must not be greater than 100' }],
  },
  [RequestProblems.invalidCursor.code]: {
    errors: [{ pointer: '/after', detail: 'must be `next` of the previous page' }],
  },
};

/** How an answer with `definition` looks at a path template; that of a missing permission names `required`. */
export function problemExample(
  definition: ProblemDefinition,
  baseUrl: string,
  occasion: { path: string; required?: readonly string[] },
): Example {
  const { path, required = [] } = occasion;
  const isMissing = definition.code === AccessProblems.missing.code;
  const members = isMissing ? { required, missing: required } : undefined;
  const problem = new Problem(definition, { members, ...options[definition.code] });
  const instance = path.replaceAll(/\{\w+\}/g, SOME_ID);
  const value: unknown = JSON.parse(problemAnswer(problem, { requestId: SOME_ID, instance }, baseUrl).body);
  return { summary: definition.title, value };
}
