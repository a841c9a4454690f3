import type { Leak } from './isolation-walk.js';
import { ask, nameOf, routesOf, type Which } from './route-attempt.js';
import { fieldsOf, inputsOf, sampleOf } from './route-inputs.js';
import { createAll, type Tenant } from './tenant-world.js';
import type { TestApp } from './test-app.js';

/** How long calls took falls into bins by chance: a count that does as a leak would in one trial in five does not in all. */
const TRIALS = 8;

/** Grows with time alone, and most of the time others are at work. */
const CLOCK = /\/uptimeSeconds$/;

/**
 * Numbers that others' doings change. What a caller sees is read three times over, while nobody else does anything: a
 * number that grows by the same each time, or stands still, is the caller's to foresee. Then the others do all that they
 * can, and it must grow by the same again. What fails in every trial is reported; the rest are clocks and gauges.
 */
export async function mixedSums(app: TestApp, ours: Tenant, theirs: Tenant, which?: Which): Promise<readonly Leak[]> {
  let suspects: Map<string, Leak> | undefined;
  for (let trial = 0; trial < TRIALS && suspects?.size !== 0; trial++) {
    const readings = [
      await numbersSeenBy(app, ours, which),
      await numbersSeenBy(app, ours, which),
      await numbersSeenBy(app, ours, which),
    ];
    await createAll(app, theirs);
    await numbersSeenBy(app, theirs, which);
    readings.push(await numbersSeenBy(app, ours, which));
    const surprising = surprises(readings).filter(([where]) => suspects?.has(where) ?? true);
    suspects = new Map(surprising);
  }
  return [...(suspects?.values() ?? [])];
}

function surprises(readings: readonly ReadonlyMap<string, { route: string; value: number }>[]): [string, Leak][] {
  const [first] = readings;
  return [...(first ?? [])].flatMap(([where, { route }]): [string, Leak][] => {
    const values = readings.map((reading) => reading.get(where)?.value ?? Number.NaN);
    const [before, between, after] = [1, 2, 3].map((at) => values[at]! - values[at - 1]!);
    const isForeseen = before === between;
    return !isForeseen || after === between || Number.isNaN(after)
      ? []
      : [[where, { route, what: `grows with what others do: ${where} was ${values.join(', ')}` }]];
  });
}

/** Every number in the answer of every route that reads and takes no id. */
async function numbersSeenBy(
  app: TestApp,
  { administrator }: Tenant,
  which?: Which,
): Promise<ReadonlyMap<string, { route: string; value: number }>> {
  const seen = new Map<string, { route: string; value: number }>();
  for (const route of routesOf(app, which).filter((candidate) => candidate.method === 'GET')) {
    const { ids, query } = inputsOf(route);
    if (ids.length > 0 || fieldsOf(query).some(({ name }) => name === 'limit')) continue; // rows are looked at by the walk
    const filters = sampleOf(query, 'required', administrator.keyId);
    const { body } = await ask(app, { route, caller: administrator, query: filters }, new Map());
    for (const [where, value] of numbersIn(body)) seen.set(`${nameOf(route)}${where}`, { route: nameOf(route), value });
  }
  return seen;
}

function numbersIn(value: unknown, where = ''): [string, number][] {
  if (typeof value === 'number') return CLOCK.test(where) ? [] : [[where, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => numbersIn(member, `${where}/${name}`));
}
