import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../folder.js';
import { EmbeddedPostgresError, reasonOf, textOf } from './embedded-postgres.error.js';
import { EMBEDDED_ROLE } from './postmaster.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { identityOf } from './process-identity.js';
import { commandAs, serverEnvironment, type ServerPrivilege } from './server-privilege.js';

const run = promisify(execFile);

/** Folders in which a cluster is being made by this very process. */
const underWay = new Set<string>();

/** Makes the folder that will hold the data folder and proves that both can be written; returns the real path. */
export const claimDataDirectory = (folder: string): string => {
  const wanted = resolve(folder);
  try {
    makeFolder(dirname(wanted));
    const parent = realpathSync(dirname(wanted));
    accessSync(parent, constants.R_OK | constants.W_OK | constants.X_OK);
    const dataDir = join(parent, basename(wanted));
    if (existsSync(dataDir)) readdirSync(dataDir);
    return dataDir;
  } catch (error) {
    throw unwritable(wanted, error);
  }
};

/** The one line for a folder that cannot be written. */
export const unwritable = (folder: string, error: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `Cannot keep the database in ${folder} (${reasonOf(error)}): make the folder readable and writable for this user, start in a folder of your own, or set DATABASE_URL.`,
  );

/** Creates the cluster unless it is there, in one step: an interrupted attempt leaves nothing that looks complete. */
export const ensureCluster = async (
  dataDir: string,
  binaries: PostgresBinaries,
  privilege: ServerPrivilege,
  throwaway: boolean,
): Promise<'created' | 'present'> => {
  if (existsSync(join(dataDir, 'PG_VERSION'))) {
    expectSameMajor(dataDir, binaries);
    return 'present';
  }
  if (existsSync(join(dataDir, 'global', 'pg_control'))) {
    throw new EmbeddedPostgresError(
      `${dataDir} holds a database whose PG_VERSION file is missing: restore it from a backup, or move the folder away to begin with an empty database.`,
    );
  }
  removeAbandonedAttempts(dataDir);
  if (existsSync(dataDir)) renameSync(dataDir, `${dataDir}.incomplete-${Date.now()}`);
  const partial = `${dataDir}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
  underWay.add(partial);
  try {
    mkdirSync(partial, { mode: 0o700 });
    if (privilege.kind === 'setuid') chownSync(partial, privilege.uid, privilege.gid);
    await initialise(partial, binaries, privilege, throwaway);
    renameSync(partial, dataDir);
    return 'created';
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (existsSync(join(dataDir, 'PG_VERSION'))) return 'present'; // another process was faster
    throw error instanceof EmbeddedPostgresError ? error : unwritable(dataDir, error);
  } finally {
    underWay.delete(partial);
  }
};

const initialise = async (
  partial: string,
  binaries: PostgresBinaries,
  privilege: ServerPrivilege,
  throwaway: boolean,
): Promise<void> => {
  const options = ['-D', partial, '-U', EMBEDDED_ROLE, '-A', 'trust', '-E', 'UTF8', '--no-instructions'];
  // the built-in locale knows the letters of Unicode on every machine; the libc of some knows none
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const command = commandAs(privilege, join(binaries.directory, 'initdb'), [
    ...options,
    ...locale,
    ...(throwaway ? ['--no-sync'] : []),
  ]);
  try {
    await run(command.file, command.args, { ...command.identity, cwd: '/', env: serverEnvironment() });
  } catch (error) {
    const said = textOf(error, 'stderr') ?? '';
    const line = said.split('\n').find((text) => /error|fatal|could not/i.test(text)) ?? reasonOf(error);
    throw new EmbeddedPostgresError(
      `PostgreSQL could not create a database in ${dirname(partial)} (${line.trim()}): see to that, or set DATABASE_URL.`,
      { cause: error },
    );
  }
};

const expectSameMajor = (dataDir: string, binaries: PostgresBinaries): void => {
  const found = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (found === binaries.major) return;
  throw new EmbeddedPostgresError(
    `${dataDir} was made by PostgreSQL ${found} and this release brings PostgreSQL ${binaries.major}: dump it with the release that made it (pg_dump) and restore it into a new folder, or set DATABASE_URL.`,
  );
};

const removeAbandonedAttempts = (dataDir: string): void => {
  const prefix = `${basename(dataDir)}.partial-`;
  for (const name of readdirSync(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue;
    const partial = join(dirname(dataDir), name);
    const maker = Number(name.slice(prefix.length).split('-')[0]);
    const abandoned = maker === process.pid ? !underWay.has(partial) : identityOf(maker) === undefined;
    if (abandoned) rmSync(partial, { recursive: true, force: true });
  }
};
