import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DataSource, type Logger, type MigrationInterface, QueryFailedError } from 'typeorm';
import { dataSourceOptions } from './data-source-options.js';
import { DatabaseConfig } from './database.config.js';
import { DatabaseUnusable } from './reachability.js';
import { grantServerRole } from './server-role/server-role.grants.js';

type MigrationClass = new () => MigrationInterface;

const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
/** Any number; every replica must use the same one. */
const MIGRATION_LOCK = 7_140_811;

/** Which migrations a database has and which it still needs, by name, oldest first. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/** Every class in the folder `migrations`, oldest first: a feature adds one file and edits no list. */
export async function loadMigrations(): Promise<MigrationClass[]> {
  const files = readdirSync(folder)
    .filter((name) => /^\d+-[\w-]+\.(js|ts)$/.test(name))
    .toSorted();
  const modules = await Promise.all(
    files.map((name): Promise<Record<string, unknown>> => import(importable(join(folder, name)))),
  );
  return modules.flatMap((module) => Object.values(module).filter(isMigration));
}

/** Windows paths are no module specifiers; under CommonJS (the tests) a file URL is none either. */
function importable(path: string): string {
  return typeof require === 'undefined' ? pathToFileURL(path).href : path;
}

function isMigration(value: unknown): value is MigrationClass {
  return typeof value === 'function' && 'up' in Object(value.prototype) && 'down' in Object(value.prototype);
}

/**
 * Applies all pending migrations in one transaction; replicas that start together take turns. Resolves to the names.
 * Then gives the server's role what it needs of the schema as it is now, so that no migration has to think of it.
 * @throws DatabaseUnusable when one fails, and says which; the schema is then as it was before.
 */
export function migrateUp(url: string): Promise<string[]> {
  return withLock(url, async (source) => {
    const applied = await source.runMigrations({ transaction: 'all' });
    const { serverRole } = new DatabaseConfig();
    await source.transaction((manager) => grantServerRole(manager, serverRole));
    return applied.map(({ name }) => name);
  });
}

/** Takes the newest migration back. Resolves to its name, or undefined when there is none. */
export function migrateDown(url: string): Promise<string | undefined> {
  return withLock(url, async (source) => {
    const newest = (await statusOf(source)).applied.at(-1);
    if (newest !== undefined) await source.undoLastMigration({ transaction: 'all' });
    return newest;
  });
}

export function migrationStatus(url: string): Promise<MigrationStatus> {
  return withSource(url, statusOf);
}

async function statusOf(source: DataSource): Promise<MigrationStatus> {
  const [table] = await source.query<{ present: boolean }[]>(
    `select to_regclass('schema_migrations') is not null as present`,
  );
  const rows = table?.present
    ? await source.query<{ name: string }[]>('select name from schema_migrations order by timestamp')
    : [];
  const applied = rows.map(({ name }) => name);
  const known = source.migrations.map((migration) => migration.name ?? migration.constructor.name);
  return { applied, pending: known.filter((name) => !applied.includes(name)) };
}

/** No query time-outs here: a migration may take long, and so may waiting for another replica's. */
async function withSource<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const logger = new FailureNote();
  const source = new DataSource({
    ...dataSourceOptions(url, 2),
    migrations: await loadMigrations(),
    logger,
    extra: { connectionTimeoutMillis: 5000 },
  });
  await source.initialize();
  try {
    return await work(source);
  } catch (cause) {
    const forbidden = isForbidden(cause);
    const failure = logger.failure ?? (forbidden ? cause.message : undefined);
    if (failure === undefined) throw cause;
    const remedy = forbidden
      ? 'this login may not change it: set KEYWARD_MIGRATION_DATABASE_URL to the URL of its owner, or run `keyward migrate up` with that'
      : 'correct the cause and start again';
    throw new DatabaseUnusable(`${failure}. The schema is as it was before; ${remedy}.`, { cause });
  } finally {
    await source.destroy();
  }
}

/** SQLSTATE insufficient_privilege. */
function isForbidden(error: unknown): error is QueryFailedError {
  return error instanceof QueryFailedError && 'code' in error.driverError && error.driverError.code === '42501';
}

function withLock<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  return withSource(url, async (source) => {
    const holder = source.createQueryRunner();
    try {
      await holder.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      return await work(source);
    } finally {
      await holder.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined); // gone with the session anyway
      await holder.release();
    }
  });
}

const silent = (): void => undefined;

/** Which migration failed is told to TypeORM's logger alone, which would write it to standard output. */
class FailureNote implements Logger {
  failure: string | undefined;
  readonly logQuery = silent;
  readonly logQueryError = silent;
  readonly logQuerySlow = silent;
  readonly logSchemaBuild = silent;
  readonly log = silent;

  logMigration(message: string): void {
    if (message.includes(' failed, error: ')) this.failure = message;
  }
}
