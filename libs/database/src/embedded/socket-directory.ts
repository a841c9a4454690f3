import { createHash } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError, reasonOf } from './embedded-postgres.error.js';
import type { ServerPrivilege } from './server-privilege.js';

/** Names the socket file only: the server opens no TCP port. */
export const SOCKET_PORT = 5432;

// the path of a socket is limited to 103 bytes on macOS and 107 on Linux; the rest is room for our own part
const LONGEST_PARENT = 55;

/** Where the server of this data folder listens; outside the folder, whose path may be too long for a socket. */
export const socketDirectoryOf = (dataDir: string): string => {
  const tag = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const parent = Buffer.byteLength(tmpdir()) <= LONGEST_PARENT ? tmpdir() : '/tmp';
  return join(parent, `keyward-pg-${process.getuid?.() ?? 0}-${tag}`);
};

/**
 * Makes the directory and proves that it is private: temporary folders are shared, and whoever owned this one could
 * listen in the server's place.
 */
export const claimSocketDirectory = (directory: string, privilege: ServerPrivilege): void => {
  const uid = process.getuid?.() ?? 0;
  const allowed = privilege.kind === 'setuid' ? [uid, privilege.uid] : [uid];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = lstatSync(directory);
    if (!found.isDirectory() || !allowed.includes(found.uid) || (found.mode & 0o077) !== 0)
      throw new Error('not private');
    if (privilege.kind === 'setuid') chownSync(directory, privilege.uid, privilege.gid);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `${directory} must be a private folder of this user for the database's socket (${reasonOf(error)}): remove it and start again, or set TMPDIR to another folder.`,
    );
  }
};

/** Leaves nothing in the temporary folder; when a new server is moving in already, its socket stays. */
export const releaseSocketDirectory = (directory: string): void => {
  try {
    rmdirSync(directory);
  } catch {
    return; // in use again, or gone
  }
};
