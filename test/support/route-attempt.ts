import { type RegisteredRoute, registeredRoutes } from './registered-routes.js';
import { fieldsOf, inputsOf } from './route-inputs.js';
import type { Holdings } from './tenant-world.js';
import { comparable } from './tenants.js';
import type { Answer, TestApp, TestUser } from './test-app.js';

/** One call of a route, but for the id that is tried out in it. */
export interface Attempt {
  readonly route: RegisteredRoute;
  readonly caller: TestUser;
  readonly ids?: readonly string[];
  readonly query?: object;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A version that no row has: what honours If-Match says that the row is there, and does nothing to it. */
export const UNSEEN = { 'if-match': '"999999"' };

/** Whether a route is meant, by its path. */
export type Which = (path: string) => boolean;

const GIVEN_UP_AFTER_MS = 10_000;
const METHODS = ['GET', 'HEAD', 'PATCH', 'PUT', 'POST', 'DELETE'];

/** The routes of the API, those that only read first. */
export function routesOf(app: TestApp, which: Which = () => true): RegisteredRoute[] {
  return registeredRoutes(app.app)
    .filter(({ path }) => path.startsWith('/api/') && which(path))
    .toSorted((a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method));
}

export function nameOf({ method, path }: RegisteredRoute): string {
  return `${method} ${path}`;
}

/** Every name that an id has in the tables or in what a route takes. */
export async function idNamesOf(app: TestApp): Promise<string[]> {
  const columns = await app.sql<{ name: string }>(
    `select distinct column_name as name from information_schema.columns where table_schema = 'public' and data_type = 'uuid'`,
  );
  const stored = columns.map(({ name }) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  const taken = routesOf(app)
    .map(inputsOf)
    .flatMap(({ body, query }) => fieldsOf(body).concat(fieldsOf(query)));
  return [...new Set([...stored, ...taken.filter(({ isId }) => isId).map(({ name }) => name)])];
}

/** All that a caller can tell answers apart by, the time of day left out. */
export function fingerprint(answer: Answer, id: string): string {
  return JSON.stringify(comparable(answer, id)).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}

/** A stream is known by its headers. One that has been left counts for a moment longer, and a key has but a few. */
export async function ask(app: TestApp, attempt: Attempt, rows: Holdings): Promise<Answer> {
  for (;;) {
    const answer = await askOnce(app, attempt, rows);
    if (answer.body.code !== 'stream.too_many') return answer;
    await new Promise(setImmediate);
  }
}

async function askOnce(app: TestApp, attempt: Attempt, rows: Holdings): Promise<Answer> {
  const { route, caller, ids = [], query = {}, body = {}, headers: further = {} } = attempt;
  const left = [...ids];
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    /(^id|Id)$/.test(name) ? left.shift()! : wordFor(name, rows),
  );
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const sent = inputsOf(route).body === undefined && Object.keys(body).length === 0 ? undefined : JSON.stringify(body);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`${nameOf(route)} does not answer`)), GIVEN_UP_AFTER_MS);
  try {
    const response = await fetch(`${app.url}${path}?${parameters.toString()}`, {
      method: route.method,
      headers: {
        'x-api-key': caller.key,
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...further,
      },
      body: route.method === 'GET' ? undefined : sent,
      signal: abort.signal,
    });
    const { status, headers } = response;
    const type = headers.get('content-type') ?? '';
    if (type.includes('event-stream')) return { status, headers, body: '', text: '' };
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json\b/.test(type) && text !== '';
    return { status, headers, text, body: isJson ? JSON.parse(text) : text };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** For a parameter that is no id, such as an environment: what a column of this name holds. */
function wordFor(name: string, rows: Holdings): string {
  const values = [...rows.values()].flat().map((row) => row[name]);
  return String(values.findLast((value) => typeof value === 'string' || typeof value === 'number') ?? 'walk');
}
