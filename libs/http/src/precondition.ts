import { RequestProblems } from './http.problems.js';
import { Problem } from './problem.js';
import { versionOf } from './resource.js';
import { invalid } from './validation.pipe.js';

/** The next entity tag of a list (RFC 9110, 8.8.3), with the empty entries before it (5.6.1); no way to backtrack far. */
const nextTag = /[ \t,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;

/** What If-Match demands of the resource that a call changes: that nobody has changed it since (RFC 9110, 13.1.1). */
export class Precondition {
  private judged = false;

  private constructor(private readonly versions: ReadonlySet<number | undefined> | 'any') {}

  /** @throws Problem request.invalid when it is neither `*` nor a list of entity tags */
  static parse(header: string): Precondition {
    return new Precondition(header.trim() === '*' ? 'any' : new Set(versionsIn(header)));
  }

  /** False until a row was compared with it. */
  get isJudged(): boolean {
    return this.judged;
  }

  /**
   * A call has one target, which is what it locks first: whatever else changes along with it is not judged.
   * `version` is null where there is nothing yet, which even `*` does not match.
   * @throws Problem request.precondition_failed
   */
  assertMetBy(version: number | null): void {
    if (this.judged) return;
    this.judged = true;
    const isMet = version !== null && (this.versions === 'any' || this.versions.has(version));
    if (!isMet) throw new Problem(RequestProblems.preconditionFailed);
  }
}

function versionsIn(header: string): (number | undefined)[] {
  const versions: (number | undefined)[] = [];
  let end = 0;
  nextTag.lastIndex = 0;
  for (let match = nextTag.exec(header); match !== null; match = nextTag.exec(header)) {
    const [, weak, tag = ''] = match;
    versions.push(weak === undefined ? versionOf(tag) : undefined); // strong comparison: a weak tag matches nothing
    end = nextTag.lastIndex;
  }
  if (versions.length > 0 && /^[ \t,]*$/.test(header.slice(end))) return versions;
  throw invalid([{ pointer: '/If-Match', detail: 'must be * or entity tags such as "3", in their double quotes' }]);
}
