import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

/** Under whose name the server runs: PostgreSQL refuses to run as root. */
export type ServerPrivilege =
  | { readonly kind: 'direct' }
  | { readonly kind: 'user-namespace'; readonly prefix: readonly string[] }
  | { readonly kind: 'setuid'; readonly uid: number; readonly gid: number };

/** A program with its arguments and the identity to spawn it with. */
export interface ServerCommand {
  readonly file: string;
  readonly args: string[];
  readonly identity: { uid?: number; gid?: number };
}

/**
 * Root gets a user namespace in which it appears as "nobody" and stays root on disk, so that it works under a private
 * home as well; where that is not allowed, an unprivileged account. Data that an account owns is served by that account.
 */
export const choosePrivilege = (binaries: string, dataDir: string): ServerPrivilege => {
  if (process.getuid?.() !== 0) return { kind: 'direct' };
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { kind: 'setuid', uid: owner.uid, gid: owner.gid };

  const postgres = join(binaries, 'postgres');
  const nobody = account('nobody') ?? { uid: 65534, gid: 65534 };
  const prefix = ['--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if (spawnSync('unshare', [...prefix, postgres, '--version']).status === 0) return { kind: 'user-namespace', prefix };

  for (const candidate of owner ? [] : [account('postgres'), account('nobody')]) {
    if (!candidate) continue;
    const runs = spawnSync(postgres, ['--version'], { ...candidate, cwd: '/' }).status === 0;
    const reaches = spawnSync('test', ['-x', dirname(dataDir)], { ...candidate, cwd: '/' }).status === 0;
    if (runs && reaches) return { kind: 'setuid', ...candidate };
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and here neither a user namespace nor an unprivileged account can serve ${dataDir}: start Keyward as a normal user, or set DATABASE_URL.`,
  );
};

/** The command line that runs one of the PostgreSQL programs under the chosen privilege. */
export const commandAs = (privilege: ServerPrivilege, program: string, args: string[]): ServerCommand => {
  if (privilege.kind === 'user-namespace') {
    return { file: 'unshare', args: [...privilege.prefix, program, ...args], identity: {} };
  }
  const identity = privilege.kind === 'setuid' ? { uid: privilege.uid, gid: privilege.gid } : {};
  return { file: program, args, identity };
};

/** What the server inherits: nothing of ours that is secret, no PG* variable that would change its meaning. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...(process.env['LD_LIBRARY_PATH'] ? { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] } : {}),
  LC_ALL: 'C',
  TZ: 'UTC',
});

const account = (name: string): { uid: number; gid: number } | undefined => {
  try {
    const entry = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`${name}:`));
    const [, , uid, gid] = entry?.split(':') ?? [];
    return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
  } catch {
    return undefined;
  }
};
