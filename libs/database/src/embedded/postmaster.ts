import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { identityOf } from './process-identity.js';
import { SOCKET_PORT } from './socket-directory.js';

/** The role that owns the embedded cluster. */
export const EMBEDDED_ROLE = 'keyward';

/** A server process as its own lock file describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly ready: boolean;
}

/** The server that runs on this data folder, as far as its lock file tells; undefined when none does. */
export const findPostmaster = (dataDir: string): Postmaster | undefined => {
  const file = join(dataDir, 'postmaster.pid');
  const [pidLine, folder, , , socketDirectory, , , status] = linesOf(file);
  const pid = Math.abs(Number(pidLine));
  if (!socketDirectory || identityOf(pid) === undefined) return undefined;
  if (folder !== dataDir && !worksIn(pid, dataDir)) {
    // the folder is a copy of one that is being served: its lock file speaks of the other server
    rmSync(file, { force: true });
    return undefined;
  }
  return { pid, socketDirectory, ready: status?.trim() === 'ready' };
};

const CHECK_EVERY_MS = 500;

/**
 * Settles once the server's process is gone. It may be the child of another process, of which nobody would tell us; asking
 * keeps this process no longer alive.
 */
export const endOf = async ({ pid }: Postmaster): Promise<void> => {
  const seen = identityOf(pid);
  for (let now = seen; now !== undefined && now === seen; now = identityOf(pid))
    await delay(CHECK_EVERY_MS, undefined, { ref: false });
};

/** Whether a server accepts a session there within two seconds. */
export const answersAt = async (socketDirectory: string): Promise<boolean> => {
  const client = sessionAt(socketDirectory, 'postgres');
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Makes the database unless it is there; another process may be making it too. */
export const ensureDatabase = async (socketDirectory: string, name: string): Promise<void> => {
  await ensure(socketDirectory, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
};

/** Makes a role that may log in, unless it is there. */
export const ensureLogin = async (socketDirectory: string, role: string): Promise<void> => {
  await ensure(socketDirectory, async (client) => {
    const { rows } = await client.query('select rolcanlogin as may from pg_roles where rolname = $1', [role]);
    if (rows.length === 0) await client.query(`create role ${client.escapeIdentifier(role)} login`);
    else if (!rows[0].may) await client.query(`alter role ${client.escapeIdentifier(role)} login`);
  });
};

/** What another process makes at the same moment is there as well: duplicate_database, duplicate_object, unique_violation. */
const MADE_BY_ANOTHER = new Set<unknown>(['42P04', '42710', '23505']);

const ensure = async (socketDirectory: string, make: (client: pg.Client) => Promise<void>): Promise<void> => {
  const client = sessionAt(socketDirectory, 'postgres');
  await client.connect();
  try {
    await make(client);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && MADE_BY_ANOTHER.has(error.code))) throw error;
  } finally {
    await client.end();
  }
};

const sessionAt = (socketDirectory: string, database: string): pg.Client => {
  const client = new pg.Client({
    host: socketDirectory,
    port: SOCKET_PORT,
    user: EMBEDDED_ROLE,
    database,
    connectionTimeoutMillis: 2000,
    query_timeout: 10_000,
  });
  client.on('error', () => undefined); // a server that goes away is seen by the call under way
  return client;
};

const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
};

/** A server works inside its data folder, under whatever name the folder goes now; without /proc nobody can tell. */
const worksIn = (pid: number, dataDir: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return true;
  }
};
