import { randomUUID } from 'node:crypto';
import { ask, type Attempt, fingerprint, nameOf } from './route-attempt.js';
import type { Holdings } from './tenant-world.js';
import type { TestApp } from './test-app.js';

/** What has been answered to attempts with an id that nobody has. */
export type NobodysAnswers = Map<string, string>;

/**
 * In what the answer to `attempt` with this id differs from that with one which nobody has. Only what differs three times
 * counts: what is summed up meanwhile, or is called for the second time, differs once. Of writes that are both done nothing
 * is said: their answers show two rows, and what became of them is seen in the tables.
 */
export async function differenceFromNobodys(
  app: TestApp,
  id: string,
  attempt: (id: string) => Attempt,
  rows: Holdings,
  known: NobodysAnswers,
): Promise<string | undefined> {
  const { route, caller, ids, query, body } = attempt('');
  const form = `${caller.id} ${nameOf(route)} ${JSON.stringify([ids, query, body])}`;
  let difference = '';
  for (let time = 0; time < 3; time++) {
    const nobodys = absentLike(id);
    const tried = await ask(app, attempt(id), rows);
    const one = fingerprint(tried, id);
    if (known.get(form) === one) return undefined;
    const control = await ask(app, attempt(nobodys), rows);
    if (route.method !== 'GET' && tried.status < 300 && control.status < 300) return undefined;
    const other = fingerprint(control, nobodys);
    known.set(form, other);
    if (one === other) return undefined;
    difference = `${excerpt(one, other)} where nobody's answers ${excerpt(other, one)}`;
    if (tried.status >= 500 && time > 0) break; // it has waited long enough
  }
  return difference;
}

/** Of the same form, so that it passes the same validators. */
function absentLike(id: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return /^[0-9a-f]{8}-/.test(id)
    ? randomUUID()
    : id.replaceAll(/[a-z]/g, () => letters.charAt(Math.trunc(Math.random() * letters.length)));
}

/** From a little before where it begins to differ. */
function excerpt(one: string, other: string): string {
  const at = one.split('').findIndex((letter, index) => letter !== other[index]);
  return one.slice(Math.max(0, at - 20), at + 100);
}
