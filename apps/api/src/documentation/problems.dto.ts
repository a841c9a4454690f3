import { type ProblemDefinition, problemUrl } from '#libs/http';

/** One thing that may go wrong in a call. */
export class ProblemView {
  /** @example 'api_key.revoked' */
  code: string;
  /** The HTTP status of its answers. @example 401 */
  status: number;
  /** @example 'The key has been revoked' */
  title: string;
  /** What to do about it. */
  remedy: string;
  /** The `type` of its documents, and the address of its page. */
  type: string;

  static of(definition: ProblemDefinition, baseUrl: string): ProblemView {
    const { code, status, title, remedy } = definition;
    return Object.assign(new ProblemView(), { code, status, title, remedy, type: problemUrl(baseUrl, definition) });
  }
}

/** Everything that may go wrong, by code. */
export class ProblemListView {
  items: ProblemView[];
}
