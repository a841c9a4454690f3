import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, reasonOf } from './embedded-postgres.error.js';
import { answersAt, findPostmaster, type Postmaster } from './postmaster.js';
import { commandAs, serverEnvironment, type ServerPrivilege } from './server-privilege.js';
import { SOCKET_PORT } from './socket-directory.js';

/** What to run and how. */
export interface LaunchPlan {
  readonly dataDir: string;
  readonly binaries: string;
  readonly privilege: ServerPrivilege;
  readonly socketDirectory: string;
  /** The contents need not survive a crash: faster, for tests. */
  readonly throwaway: boolean;
}

/** A launched server: `ended` settles once its process is gone. */
export interface LaunchedServer extends Postmaster {
  readonly ended: Promise<void>;
}

/** The server of a moment ago is still letting go of the folder: trying again is right. */
export class ServerStillClosing extends Error {}

const LARGEST_LOG = 10 * 1024 * 1024;
const CLOSING = /lock file|shared memory|shut(ting)? down|starting up/i;
/** Long enough to replay the log after a crash. */
const LONGEST_START_MS = 120_000;

/** Starts the server and resolves once it accepts sessions; throws ServerStillClosing or EmbeddedPostgresError. */
export const launchServer = async (plan: LaunchPlan): Promise<LaunchedServer> => {
  const logFile = `${plan.dataDir}.log`;
  const { child, logStart } = spawnServer(plan, logFile);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const failure = new Promise<unknown>((resolve) => child.once('error', resolve));
  const stopped = Promise.race([ended, failure]);
  const deadline = performance.now() + LONGEST_START_MS;

  while (performance.now() < deadline) {
    const over = await Promise.race([stopped.then(() => true), delay(20, false)]);
    if (over) break;
    const found = findPostmaster(plan.dataDir);
    if (found?.pid === child.pid && found?.ready && (await answersAt(found.socketDirectory)))
      return { ...found, ended };
  }
  child.kill('SIGQUIT');
  await stopped;
  const said = readFileSync(logFile).subarray(logStart).toString('utf8');
  if (CLOSING.test(fatalLine(said))) throw new ServerStillClosing(fatalLine(said));
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL did not start (${fatalLine(said) || 'no reason given'}): read ${logFile}, or set DATABASE_URL.`,
  );
};

const spawnServer = (plan: LaunchPlan, logFile: string): { child: ChildProcess; logStart: number } => {
  const log = openLog(logFile);
  const command = commandAs(plan.privilege, join(plan.binaries, 'postgres'), serverArguments(plan));
  try {
    const child = spawn(command.file, command.args, {
      ...command.identity,
      cwd: '/',
      env: serverEnvironment(),
      detached: true, // a Ctrl-C in the terminal must reach the application alone, so that it can drain first
      stdio: ['ignore', log.descriptor, log.descriptor],
    });
    child.unref();
    return { child, logStart: log.size };
  } finally {
    closeSync(log.descriptor);
  }
};

const openLog = (file: string): { descriptor: number; size: number } => {
  try {
    const descriptor = openSync(file, 'a', 0o600);
    if (fstatSync(descriptor).size > LARGEST_LOG) ftruncateSync(descriptor);
    return { descriptor, size: fstatSync(descriptor).size };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot write the database's log ${file} (${reasonOf(error)}): make it writable for this user, or set DATABASE_URL.`,
    );
  }
};

const serverArguments = (plan: LaunchPlan): string[] => {
  const settings: Record<string, string | number> = {
    listen_addresses: '',
    max_connections: 100,
    log_checkpoints: 'off',
    ...(plan.throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const place = ['-D', plan.dataDir, '-p', String(SOCKET_PORT), '-k', plan.socketDirectory];
  return [...place, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
};

const fatalLine = (log: string): string => {
  const line = log.split('\n').find((text) => /\b(FATAL|PANIC):/.test(text)) ?? log.trim().split('\n').at(-1) ?? '';
  return line.replace(/^.*?\b(FATAL|PANIC):\s*/, '').trim();
};
