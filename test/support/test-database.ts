import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrateUp } from '#libs/database';

const DUPLICATE_LOCK = 7_140_812;
let sessions: pg.Pool | undefined;

/**
 * The URL of a migrated, empty database for one test file: a clone of the run's template, which the first caller
 * builds. Takes some 50 ms once the template stands.
 */
export async function createTestDatabase(): Promise<string> {
  const template = `${run()}_template`;
  const name = `${run()}_${randomBytes(4).toString('hex')}`;
  // one at a time: a database cannot be copied while another session is in it
  await withServer(async (client) => {
    await client.query('select pg_advisory_lock($1)', [DUPLICATE_LOCK]);
    try {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
      if (rowCount === 0) await buildTemplate(client, template);
      await client.query(`create database ${name} template ${template}`);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [DUPLICATE_LOCK]);
    }
  });
  return urlOf(name);
}

/** Removes a database made by `createTestDatabase`, with whoever is still connected. */
export async function dropTestDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  if (!name.startsWith(`${run()}_`)) throw new Error(`${name} is not a database of this test run`);
  await withServer((client) => client.query(`drop database if exists ${name} with (force)`));
}

/** An empty database without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<string> {
  const name = `${run()}_${randomBytes(4).toString('hex')}`;
  await withServer((client) => client.query(`create database ${name}`));
  return urlOf(name);
}

/** Built under another name first: a template whose migration failed halfway must not look like one. */
async function buildTemplate(client: pg.ClientBase, template: string): Promise<void> {
  const draft = `${template}_draft`;
  await client.query(`drop database if exists ${draft} with (force)`);
  await client.query(`create database ${draft}`);
  await migrateUp(urlOf(draft));
  await client.query(`alter database ${draft} rename to ${template}`);
}

/** One session for all databases of this worker, because each costs PostgreSQL a process; nothing waits for its end. */
async function withServer<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  sessions ??= new pg.Pool({ connectionString: serverUrl(), max: 1, allowExitOnIdle: true }).on(
    'error',
    () => undefined,
  );
  const client = await sessions.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  return fromSetup('KEYWARD_TEST_SERVER');
}

function run(): string {
  return fromSetup('KEYWARD_TEST_RUN');
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is missing: test databases exist in the e2e project only, whose global setup makes them.`);
  return value;
}
