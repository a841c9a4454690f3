import type { UsageGroup } from './usage-group.js';

type Route = Pick<UsageGroup, 'method' | 'route'>;

/** Finds the ids of routes, in their order, and makes those that are missing. */
export type RouteRegister = (routes: readonly Route[]) => Promise<readonly number[]>;

/** The ids of methods and routes as one connection knows them; the next one may be to a database that was restored. */
export class UsageRoutes {
  private readonly ids = new Map<string, Map<string | null, number>>();

  constructor(known: readonly (Route & { readonly id: number })[]) {
    for (const { method, route, id } of known) this.keep(method, route, id);
  }

  /** Has the ids of all that `routes` name, asking for those that are new. */
  async meet(routes: readonly Route[], register: RouteRegister): Promise<void> {
    const unknown = routes.filter(({ method, route }) => this.ids.get(method)?.has(route) !== true);
    if (unknown.length === 0) return;
    const ids = await register(unknown);
    for (const [index, { method, route }] of unknown.entries()) this.keep(method, route, ids[index]);
  }

  readonly idOf = (method: string, route: string | null): number => {
    const id = this.ids.get(method)?.get(route);
    if (id === undefined) throw new Error(`The route ${method} ${route} has no id.`);
    return id;
  };

  private keep(method: string, route: string | null, id: number | undefined): void {
    if (id === undefined) return;
    const ofMethod = this.ids.get(method) ?? new Map<string | null, number>();
    this.ids.set(method, ofMethod.set(route, id));
  }
}
