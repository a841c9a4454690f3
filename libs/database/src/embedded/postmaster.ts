import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
  const client = sessionAt(socketDirectory, 'postgres');
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    const madeByAnother = error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505');
    if (!madeByAnother) throw error;
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
