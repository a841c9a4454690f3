import { randomUUID } from 'node:crypto';
import { ask, type Attempt, fingerprint, nameOf, routesOf, UNSEEN, type Which } from './route-attempt.js';
import { inputsOf, sampleOf } from './route-inputs.js';
import { holdingsOf, idsByTable, type Tenant } from './tenant-world.js';
import type { TestApp } from './test-app.js';

/**
 * For each route with an id in its path the table whose rows it is about: where an id of one's own answers otherwise than
 * one that nobody has. Routes that are missing were not reached, so that trying them with anybody's ids shows nothing. The
 * tenant is used up: its users are locked, its keys rotated.
 */
export async function reachOf(app: TestApp, spent: Tenant, which?: Which): Promise<ReadonlyMap<string, string>> {
  const holdings = await holdingsOf(app, spent.organizationId);
  const caller = spent.administrator;
  const reach = new Map<string, string>();
  for (const route of routesOf(app, which).filter((candidate) => inputsOf(candidate).ids.length > 0)) {
    const { ids, body, query } = inputsOf(route);
    const attempt = (tried: string): Attempt => ({
      route,
      caller,
      ids: ids.map(() => tried),
      query: sampleOf(query, 'required', tried),
      body: sampleOf(body, 'required', tried),
      headers: route.method === 'GET' ? {} : UNSEEN,
    });
    const answer = async (id: string): Promise<string> => fingerprint(await ask(app, attempt(id), holdings), id);
    const nobodys = await answer(randomUUID());
    search: for (const [table, rows] of idsByTable(holdings, spent.organizationId)) {
      for (const id of rows.filter((row) => row !== caller.id && row !== caller.keyId).slice(-6)) {
        if ((await answer(id)) === nobodys) continue;
        reach.set(nameOf(route), table);
        break search;
      }
    }
  }
  return reach;
}

/** The names of the routes that have an id in their path. */
export function routesWithIds(app: TestApp): string[] {
  return routesOf(app)
    .filter((route) => inputsOf(route).ids.length > 0)
    .map(nameOf);
}
