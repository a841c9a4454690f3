import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assertConfiguration, ConfigError } from '#libs/config';
import { DatabaseConfig } from './database.config.js';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { EmbeddedPostgresError } from './embedded/embedded-postgres.error.js';
import { makeFolder } from './folder.js';
import { assertUsable, DatabaseUnusable } from './reachability.js';
import { connectAsServer, type ServerConnection } from './server-role/server-connection.js';

/** The PostgreSQL in use, and how to leave it. */
export interface DatabaseInUse {
  /** As whoever may change the schema, and nothing but that is done by it. */
  readonly ownerUrl: string;
  /** As the server connects, once the schema is there; it may be the owner's, too. */
  readonly connectServer: () => Promise<ServerConnection>;
  readonly embedded: boolean;
  /** Stops the embedded server when nobody else uses it; does nothing to another. */
  release(): Promise<void>;
}

/**
 * What a program of this installation does before anything else: it reads `.env` where there is one, gives an
 * installation on the embedded database its kept secret, and checks every setting.
 * @throws ConfigError with every fault
 */
export function readInstallation(): DatabaseConfig {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const database = new DatabaseConfig();
  if (database.url === undefined && !process.env.SECRET_KEY) process.env.SECRET_KEY = keptSecret(database);
  assertConfiguration(process.env);
  return database;
}

const unwritable = new Set<unknown>(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST', 'ENOENT']);

/** What its operator must put right before a program of this installation can run; undefined for any other failure. */
export function installationFault(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.faults.map((fault) => `Configuration: ${fault}`).join('\n');
  if (error instanceof DatabaseUnusable || error instanceof EmbeddedPostgresError) return error.message;
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return undefined;
  if (!unwritable.has(error.code)) return undefined;
  return `${String(error.path)} cannot be written (${String(error.code)}). Set DATABASE_URL to a PostgreSQL of yours, or KEYWARD_DATA_DIR to a folder that this user may write.`;
}

/** The PostgreSQL of DATABASE_URL, or else the embedded one, started. @throws EmbeddedPostgresError, DatabaseUnusable */
export async function openDatabase(config: DatabaseConfig, log: (line: string) => void): Promise<DatabaseInUse> {
  const { url, ownerUrl, serverRole } = config;
  if (url !== undefined) {
    return {
      ownerUrl: ownerUrl ?? url,
      connectServer: async () => {
        if (ownerUrl !== undefined) await assertUsable(url); // only the owner's login has been tried so far
        return connectAsServer(url, serverRole);
      },
      embedded: false,
      release: () => Promise.resolve(),
    };
  }
  if (ownerUrl !== undefined) {
    throw new DatabaseUnusable(
      'KEYWARD_MIGRATION_DATABASE_URL is set without DATABASE_URL. Set DATABASE_URL too, to the same database as the login of the server.',
    );
  }
  const server = new EmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres'), login: serverRole, log });
  const started = await server.start();
  return {
    ownerUrl: started,
    connectServer: () => connectAsServer(asUser(started, serverRole), serverRole),
    embedded: true,
    release: () => server.stop(),
  };
}

/** Whoever reaches the private socket of the embedded server may log in to it as anybody. */
function asUser(url: string, user: string): string {
  const changed = new URL(url);
  changed.username = user;
  return changed.href;
}

/**
 * The secret of an installation that has none configured, made once and kept beside the embedded data, for its owner alone.
 * It is only for the embedded database: where the data are elsewhere, a secret kept on one machine would be lost with it.
 */
function keptSecret(config: DatabaseConfig): string {
  const file = join(config.dataDir, 'secret.key');
  makeFolder(resolve(config.dataDir));
  try {
    writeFileSync(file, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
