import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startScratchServer } from './scratch-server.mjs';
import { dropDatabases, olderRuns, RUN_VARIABLE, SERVER_VARIABLE } from './test-run.mjs';

/** Chooses the server of this run: TEST_DATABASE_URL, else one of its own; never one that merely happens to answer. */
export default async function setUp() {
  const given = process.env.TEST_DATABASE_URL;
  const scratch = given ? undefined : await startScratchServer();
  const url = given ?? scratch.url;
  globalThis.keywardScratchServer = scratch;
  process.env[SERVER_VARIABLE] = url;
  // the time in front lets a later run recognise what a killed one left behind
  process.env[RUN_VARIABLE] =
    `keyward_test_${Math.floor(Date.now() / 60_000).toString(36)}_${randomBytes(4).toString('hex')}`;
  try {
    await expectUsable(url);
    await dropDatabases(url, olderRuns);
  } catch (error) {
    await scratch?.stop();
    throw error;
  }
}

async function expectUsable(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query(
      `select current_setting('server_version_num')::int as version, (rolcreatedb or rolsuper) as may_create,
              (rolcreaterole or rolsuper) as may_create_roles
         from pg_roles where rolname = current_user`,
    );
    const [{ version, may_create, may_create_roles }] = rows;
    if (version < 150_000)
      throw new Error(`PostgreSQL 15 or newer is needed, this one is ${Math.floor(version / 10_000)}`);
    if (!may_create) throw new Error('its role may not create databases: ALTER ROLE ... CREATEDB');
    if (!may_create_roles) throw new Error('its role may not create roles: ALTER ROLE ... CREATEROLE');
  } catch (error) {
    const { host, pathname } = new URL(url);
    throw new Error(`The tests cannot use TEST_DATABASE_URL (${host}${pathname}): ${error.message || error.code}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
