import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { registeredRoutes } from './registered-routes.js';
import { fieldsOf, inputsOf, sampleOf } from './route-inputs.js';
import { customRole, organization } from './tenants.js';
import type { TestApp, TestUser } from './test-app.js';

/** An organization with something of everything. */
export interface Tenant {
  readonly organizationId: string;
  /** May do everything within the organization. */
  readonly administrator: TestUser;
  readonly user: TestUser;
}

/** Rows by table, each as JSON. */
export type Holdings = ReadonlyMap<string, readonly Record<string, unknown>[]>;

const ADMINISTRATOR = 'tenant-administrator';

/** The role that the administrators of tenants have. */
export async function prepareTenants(app: TestApp): Promise<void> {
  await customRole(app, ADMINISTRATOR, ['*']);
}

/** Makes a tenant: what has no route that creates it by SQL, all else by every route that creates something. */
export async function tenant(app: TestApp, name: string): Promise<Tenant> {
  const organizationId = await organization(app, name);
  const administrator = await app.user({ roles: [ADMINISTRATOR], organizationId });
  const user = await app.user({ organizationId });
  for (const { keyId, id } of [administrator, user]) {
    await app.sql(
      `insert into security_events (id, detected_at, detector, subject, window_start, severity, title, summary, key_id, user_id, organization_id)
       values ($1, now(), 'walk', $2, now(), 'low', $2, $2, $3, $4, $5)`,
      [randomUUID(), `${name} ${keyId}`, keyId, id, organizationId],
    );
  }
  await app.put(`/admin/organizations/${organizationId}/key-policies/dev`, {}, { key: administrator.key });
  const made = { organizationId, administrator, user };
  for (let round = 0; round < 2; round++) await createAll(app, made);
  await app.sql(`update users set name = $1 || ' ' || id where organization_id = $2`, [name, organizationId]);
  return made;
}

/** Calls every route that creates something, as each caller of the tenant. */
export async function createAll(app: TestApp, { administrator, user }: Tenant): Promise<void> {
  const creating = registeredRoutes(app.app).filter(
    ({ method, path }) => method === 'POST' && path.startsWith('/api/'),
  );
  for (const route of creating) {
    const { ids, body } = inputsOf(route);
    const needsId = ids.length > 0 || fieldsOf(body).some(({ isId, isRequired }) => isId && isRequired);
    // a second key for the user, and whatever else is made of a user; the routes that change one find nobody else's there
    if (needsId && !route.path.endsWith('/api-keys')) continue;
    for (const { key } of [administrator, user]) {
      const path = route.path.replace('/api/v1', '').replace(':id', user.id);
      await app.post(path, sampleOf(body, 'required', user.id), { key });
    }
  }
}

/** All rows that belong to the organization or speak of what does, but for records of calls and what goes with use. */
export async function holdingsOf(app: TestApp, organizationId: string): Promise<Holdings> {
  const owned = await rowsMentioning(app, [organizationId]);
  return rowsMentioning(app, [organizationId, ...idsIn(owned, organizationId)]);
}

/** Rows that mention one of the ids. They are looked for here: hundreds in one pattern are slow in PostgreSQL. */
export async function rowsMentioning(app: TestApp, ids: readonly string[]): Promise<Holdings> {
  const mention = new RegExp(ids.join('|'));
  const held = new Map<string, Record<string, unknown>[]>();
  for (const table of await tablesOf(app)) {
    const rows = await app.sql<{ row: string }>(
      `select (to_jsonb(t) - 'last_used_at' - 'last_used_address')::text as row from ${table} t`,
    );
    const mentioning = rows.map(({ row }) => row).filter((row) => mention.test(row));
    if (mentioning.length > 0)
      held.set(
        table,
        mentioning.toSorted().map((row): Record<string, unknown> => JSON.parse(row)),
      );
  }
  return held;
}

/** Locks all rows that mention one of the ids until the connection ends. */
export async function holdRows(app: TestApp, ids: readonly string[]): Promise<pg.Client> {
  const client = new pg.Client(app.databaseUrl);
  await client.connect();
  await client.query('begin');
  for (const table of await tablesOf(app, 'and has_table_privilege(c.oid, $$update$$)'))
    await client.query(`select from ${table} t where to_jsonb(t)::text ~ $1 for update`, [ids.join('|')]);
  return client;
}

/** Ids of rows that are the organization's, or that speak of one and say not whose they are. */
export function idsIn(holdings: Holdings, organizationId: string): string[] {
  return [...idsByTable(holdings, organizationId).values()].flat();
}

export function idsByTable(holdings: Holdings, organizationId: string): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const [table, rows] of holdings) {
    const own = rows.filter(({ organization_id: owner = organizationId }) => owner === organizationId);
    const found = own.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
    if (found.length > 0) ids.set(table, found);
  }
  return ids;
}

async function tablesOf(app: TestApp, further = ''): Promise<string[]> {
  const tables = await app.sql<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition ${further} order by 1`,
  );
  const ofCalls = /usage|rollup|idempotency_records|health_writes|schema_migrations/;
  return tables.map(({ name }) => name).filter((name) => !ofCalls.test(name));
}
