import { randomUUID } from 'node:crypto';
import { declaredTrials, type Trial, undeclaredTrials } from './foreign-fields.js';
import { differenceFromNobodys, type NobodysAnswers } from './nobodys-answer.js';
import type { RegisteredRoute } from './registered-routes.js';
import { ask, type Attempt, idNamesOf, nameOf, routesOf, UNSEEN, type Which } from './route-attempt.js';
import { choicesOf, fieldsOf, inputsOf, sampleOf } from './route-inputs.js';
import { type Holdings, holdingsOf, holdRows, idsByTable, rowsMentioning, type Tenant } from './tenant-world.js';
import type { Answer, TestApp, TestUser } from './test-app.js';

/** A way in which one organization's caller notices, or changes, what is another's. */
export interface Leak {
  readonly route: string;
  readonly what: string;
}

const AT_ONCE = 16;

/**
 * Calls every route of the API as callers of one organization, with what belongs to another. All rows of the other are
 * locked meanwhile: whoever waits for one of them is told apart by not answering in time.
 */
export class IsolationWalk {
  private readonly leaks: Leak[] = [];
  private readonly nobodys: NobodysAnswers = new Map();
  private readonly routes: RegisteredRoute[];

  private constructor(
    private readonly app: TestApp,
    private readonly ours: Tenant,
    private readonly ourIds: ReadonlyMap<string, string[]>,
    private readonly theirIds: ReadonlyMap<string, string[]>,
    private theirs: Holdings,
    private readonly names: readonly string[],
    private readonly idNames: readonly string[],
    which?: Which,
  ) {
    this.routes = routesOf(app, which);
  }

  /** `names`: texts that only they have. */
  static async between(
    app: TestApp,
    ours: Tenant,
    theirs: Tenant,
    names: readonly string[],
    which?: Which,
  ): Promise<IsolationWalk> {
    const [held, holding] = [await holdingsOf(app, ours.organizationId), await holdingsOf(app, theirs.organizationId)];
    const [ourIds, theirIds] = [idsByTable(held, ours.organizationId), idsByTable(holding, theirs.organizationId)];
    return new IsolationWalk(app, ours, ourIds, theirIds, holding, names, await idNamesOf(app), which);
  }

  /** `reach`: rows of which table each route is about, as `reachOf` found it. */
  async leaksOf(reach: ReadonlyMap<string, string>): Promise<readonly Leak[]> {
    const holder = await holdRows(this.app, [...this.theirIds.values()].flat());
    try {
      await this.visitAll(reach);
    } finally {
      await holder.end();
    }
    return this.leaks;
  }

  private async visitAll(reach: ReadonlyMap<string, string>): Promise<void> {
    for (const route of this.routes) {
      const ids = inputsOf(route).ids.map(
        () => this.ourIds.get(reach.get(nameOf(route)) ?? '')?.at(-1) ?? randomUUID(),
      );
      for (const caller of [this.ours.administrator, this.ours.user]) {
        if (await this.isRefused(route, caller)) continue;
        if (route.method === 'GET') await this.read(route, caller, ids);
        await this.tryTheirIds(route, caller);
        await this.tryTheirFields(route, caller, ids);
      }
      await this.lookAtThem(route);
    }
  }

  /** For want of a permission, which is told before anything of the call is read. */
  private async isRefused(route: RegisteredRoute, caller: TestUser): Promise<boolean> {
    const attempt = { route, caller, ids: inputsOf(route).ids.map(() => randomUUID()), headers: UNSEEN };
    return !isAboutTheCaller(route) && (await this.ask(attempt)).body?.code === 'permission.missing';
  }

  private found(route: RegisteredRoute, what: string): void {
    this.leaks.push({ route: nameOf(route), what });
  }

  /** Lists, sums and one's own rows say nothing of theirs. */
  private async read(route: RegisteredRoute, caller: TestUser, ids: readonly string[]): Promise<void> {
    const { query } = inputsOf(route);
    const base = sampleOf(query, 'required', ids[0] ?? caller.keyId);
    const paged = fieldsOf(query).some(({ name }) => name === 'limit') ? { limit: 100 } : {};
    const chosen = fieldsOf(query).flatMap(({ name }) => choicesOf(query!, name).map((value) => ({ [name]: value })));
    for (const choice of [{}, ...chosen]) {
      let after: string | null = null;
      do {
        const filters = { ...base, ...paged, ...choice, ...(after === null ? {} : { after }) };
        const answer = await this.ask({ route, caller, ids, query: filters });
        const seen = [...this.theirIds.values()]
          .flat()
          .concat(this.names)
          .filter((text) => answer.text.includes(text));
        if (seen.length > 0) this.found(route, `shows ${seen.slice(0, 3).join(', ')} of theirs`);
        after = answer.status === 200 && typeof answer.body?.next === 'string' ? answer.body.next : null;
      } while (after !== null);
    }
  }

  /** An id of theirs in the path answers as one that nobody has. */
  private async tryTheirIds(route: RegisteredRoute, caller: TestUser): Promise<void> {
    const { ids, body, query } = inputsOf(route);
    if (ids.length === 0) return;
    const ours = ids.length > 1 ? [...this.ourIds.values()].flatMap((of) => of.slice(-1)) : [];
    await inBatches([...this.theirIds], async ([table, theirs]) => {
      for (const id of new Set([theirs[0]!, theirs.at(-1)!])) {
        for (const [place, name] of ids.entries()) {
          for (const other of ids.length > 1 ? [...ours, id] : [id]) {
            await this.compare(`an id of ${table} as ${name}`, id, (tried) => ({
              route,
              caller,
              ids: ids.map((_, index) => (index === place || other === id ? tried : other)),
              query: sampleOf(query, 'required', tried),
              body: sampleOf(body, 'required', tried),
            }));
          }
        }
      }
    });
  }

  /** So does one in the query or the body, and no field takes a row across, be it declared or not. */
  private async tryTheirFields(route: RegisteredRoute, caller: TestUser, ids: readonly string[]): Promise<void> {
    if (isAboutTheCaller(route)) return;
    const inputs = inputsOf(route);
    const own = ids[0] ?? caller.keyId;
    const isRead = route.method === 'GET';
    const base = { query: sampleOf(inputs.query, 'required', own), body: sampleOf(inputs.body, 'required', own) };
    for (const part of ['query', 'body'] as const) {
      const trials = [
        ...declaredTrials(inputs[part], 'required', own),
        ...(isRead ? [] : declaredTrials(inputs[part], 'all', own)),
        ...undeclaredTrials(inputs[part], caller === this.ours.administrator ? this.idNames : [], own),
      ];
      const tries = trials.flatMap((trial) =>
        this.valuesFor(trial, isRead).map(({ table, id }) => ({ trial, table, id })),
      );
      await inBatches(tries, ({ trial, table, id }) =>
        this.compare(`an id of ${table} as ${trial.name} in the ${part}`, id, (tried) => ({
          route,
          caller,
          ids,
          ...base,
          [part]: trial.with(tried),
        })),
      );
    }
  }

  /** What of theirs is worth trying in a field. A text that is stored is the caller's own, whatever it says. */
  private valuesFor({ name, field }: Trial, isRead: boolean): { table: string; id: string }[] {
    if (field === undefined) {
      const table = /organization/i.test(name) ? 'organizations' : 'users';
      return [{ table, id: this.theirIds.get(table)![0]! }];
    }
    const isFilter = isRead && field.isText;
    const ids = [...this.theirIds].map(([table, [id]]) => ({ table, id: id! }));
    const texts = this.names.map((id) => ({ table: 'names', id }));
    return [...(field.isId || isFilter ? ids : []), ...(isFilter || (field.isText && field.isList) ? texts : [])];
  }

  private async compare(what: string, id: string, attempt: (id: string) => Attempt): Promise<void> {
    const difference = await differenceFromNobodys(this.app, id, attempt, this.theirs, this.nobodys);
    if (difference !== undefined) this.found(attempt(id).route, `answers ${what} with ${difference}`);
  }

  /** Nothing of theirs has changed, come or gone, and nothing of ours speaks of theirs. */
  private async lookAtThem(route: RegisteredRoute): Promise<void> {
    const now = await rowsMentioning(this.app, [...this.theirIds.values()].flat());
    for (const table of new Set([...this.theirs.keys(), ...now.keys()])) {
      const [before, after] = [this.theirs, now].map(
        (rows) => new Set(rows.get(table)?.map((row) => JSON.stringify(row))),
      );
      const gone = [...before!].filter((row) => !after!.has(row));
      const come = [...after!].filter((row) => !before!.has(row));
      if (gone.length + come.length > 0)
        this.found(route, `changed rows of ${table} that are theirs or speak of them: ${[...come, ...gone][0]}`);
    }
    this.theirs = now;
  }

  private ask(attempt: Attempt): Promise<Answer> {
    return ask(this.app, attempt, this.theirs);
  }
}

/** Such as DELETE /profile, which does what it does to the caller, whom the walk still needs. */
function isAboutTheCaller(route: RegisteredRoute): boolean {
  const { ids, query, body } = inputsOf(route);
  const takesId = ids.length > 0 || [...fieldsOf(query), ...fieldsOf(body)].some(({ isId }) => isId);
  return route.method === 'DELETE' && !takesId;
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}
