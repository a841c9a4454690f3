import 'reflect-metadata';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { dataSourceOptions, loadMigrations, migrateDown, migrateUp, migrationStatus } from '#libs/database';
import { root, sourceFiles } from '../support/source-files.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/test-database.js';

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Everything in the schema, but for TypeORM's own list: tables, columns, constraints, indexes, functions, triggers. */
async function schemaOf(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select format('table %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'schema_migrations'
      union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace and conrelid::regclass::text <> 'schema_migrations'
      union all select 'index ' || indexdef from pg_indexes where schemaname = 'public' and tablename <> 'schema_migrations'
      union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
      union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
      order by 1`);
    return rows.map(({ line }) => line);
  });
}

describe('migrations', () => {
  let url: string;
  beforeEach(async () => {
    url = await createEmptyDatabase();
  });
  afterEach(() => dropTestDatabase(url));

  it('bring an empty database up, say which they were, and have nothing to do the second time', async () => {
    const names = (await loadMigrations()).map(({ name }) => name);
    expect(await migrationStatus(url)).toEqual({ applied: [], pending: names });
    expect(await migrateUp(url)).toEqual(names);
    expect(await migrateUp(url)).toEqual([]);
    expect(await migrationStatus(url)).toEqual({ applied: names, pending: [] });
  });

  it('go down one by one to nothing, and up again to the same', async () => {
    const names = await migrateUp(url);
    const full = await schemaOf(url);
    for (const name of names.toReversed()) expect(await migrateDown(url)).toBe(name);
    expect(await migrateDown(url)).toBeUndefined();
    expect(await schemaOf(url)).toEqual([]);
    await migrateUp(url);
    expect(await schemaOf(url)).toEqual(full);
  });

  it('take back exactly what they made, each of them', async () => {
    const names = await migrateUp(url);
    const schemas = new Map<string, string[]>();
    for (const name of names.toReversed()) {
      schemas.set(name, await schemaOf(url));
      await migrateDown(url);
    }
    for (const name of names) {
      await withSource(url, (source) => source.runMigrations({ transaction: 'each' }), names.indexOf(name) + 1);
      expect(await schemaOf(url)).toEqual(schemas.get(name));
    }
  }, 60_000);

  it('are made once by five replicas that start at the same moment, and all of them come up', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => migrateUp(url)));
    const names = (await loadMigrations()).map(({ name }) => name);
    expect(made.filter((each) => each.length > 0)).toEqual([names]);
    expect((await migrationStatus(url)).pending).toEqual([]);
  });

  it('leave the old schema when one of them fails, tell which it was, and succeed once the cause is gone', async () => {
    // something that a later migration wants to make is there already
    await withClient(url, (client) => client.query('create table api_usage (mine integer)'));
    const before = await schemaOf(url);
    await expect(migrateUp(url)).rejects.toThrow(
      /^Migration "ApiUsage\d+" failed, error: relation "api_usage" already exists\. The schema is as it was before/,
    );
    expect(await schemaOf(url)).toEqual(before);
    await withClient(url, (client) => client.query('drop table api_usage'));
    expect((await migrateUp(url)).length).toBeGreaterThan(0);
  });

  it('leave the old schema when their session is killed halfway, and succeed the next time', async () => {
    await withClient(url, async (blocker) => {
      // a table that is being made under a later name holds the migration up there, for as long as this does not commit
      await blocker.query('begin');
      await blocker.query('create table api_usage (mine integer)');
      const failed = migrateUp(url).then(
        () => undefined,
        (error: unknown) => error,
      );
      await withClient(url, async (killer) => {
        const kill = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        while ((await killer.query(kill)).rowCount === 0);
      });
      expect(String(await failed)).toMatch(/terminat/);
      await blocker.query('rollback');
    });
    expect(await schemaOf(url)).toEqual([]);
    expect((await migrateUp(url)).length).toBeGreaterThan(0);
  });

  it('make exactly what the entities describe, and foreign keys: the schema builder has nothing else to do', async () => {
    await migrateUp(url);
    const files = sourceFiles('libs').filter((file) => file.endsWith('.entity.ts'));
    const exported = new Set(files.flatMap((file) => Object.values<unknown>(require(join(root, file)))));
    const declared = getMetadataArgsStorage().tables.map(({ target }) => target);
    const entities = declared.filter((target) => exported.has(target)) as (() => void)[];
    expect(entities.length).toBeGreaterThanOrEqual(6);
    const source = new DataSource({ ...dataSourceOptions(url, 2), entities });
    await source.initialize();
    try {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      // entities do not cross the border of their library, so what they refer to stands in the migrations alone
      const differences = upQueries
        .map(({ query }) => query)
        .filter((query) => !/^ALTER TABLE "\w+" DROP CONSTRAINT "\w+_fkey"$/.test(query));
      expect(differences).toEqual([]);
    } finally {
      await source.destroy();
    }
  });
});

/** A data source that knows only the first `count` migrations. */
async function withSource(url: string, work: (source: DataSource) => Promise<unknown>, count: number): Promise<void> {
  const source = new DataSource({
    ...dataSourceOptions(url, 2),
    migrationsTransactionMode: 'each',
    migrations: (await loadMigrations()).slice(0, count),
  });
  await source.initialize();
  try {
    await work(source);
  } finally {
    await source.destroy();
  }
}
