import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Child } from './child.mjs';

/** A database for this run alone, gone afterwards: on the server of BENCH_DATABASE_URL, or on an embedded one of its own. */
export async function openDatabase(core) {
  const given = process.env.BENCH_DATABASE_URL;
  const server = given ? undefined : new Child('PostgreSQL', { core, program: 'bench/servers/postgres.mjs' });
  const serverUrl = given ?? (await server.ask('start')).url;
  const name = `keyward_bench_${randomBytes(4).toString('hex')}`;
  const settings = await onServer(serverUrl, async (client) => {
    await client.query(`create database ${name}`);
    return durability(client);
  });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const close = async () => {
    await onServer(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    await server?.stop();
  };
  /** Microseconds of CPU that the server has used; null when that is not known. */
  const cpu = async () => (server === undefined ? null : (await server.ask('usage')).cpu);
  return { url: url.href, embedded: !given, settings, cpu, close };
}

/** Runs `work` with a connection of its own. */
export async function onServer(url, work) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function durability(client) {
  const { rows } = await client.query(
    `select name, setting from pg_settings
     where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method')`,
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}
