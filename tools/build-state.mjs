import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreparationError } from './preparation-step.mjs';

const STAMP = 'dist/.sources';
const PROGRAMS = ['dist/apps/api/src/main.js', 'dist/apps/cli/src/main.js'];
const FOLDERS = ['apps', 'libs', 'migrations'];
const FILES = [
  'package.json',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'ormconfig.ts',
  'tools/build-state.mjs',
];
// served by the application itself, so that no page needs a CDN
const ASSETS = [
  'node_modules/redoc/bundles/redoc.standalone.js',
  'node_modules/redoc/bundles/redoc.standalone.js.LICENSE.txt',
];

/** Whether dist is complete and made from these very sources. */
export function buildIsCurrent() {
  return (
    PROGRAMS.every((file) => existsSync(file)) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()
  );
}

/** Clears dist and returns the fingerprint of what is about to be built. */
export function startBuild() {
  try {
    rmSync('dist', { recursive: true, force: true });
  } catch (error) {
    throw new PreparationError(
      `Cannot replace ${join(process.cwd(), 'dist')} (${error.code}): make it writable for this user.`,
    );
  }
  return fingerprint();
}

/** Adds the assets and, last of all, the stamp: a build that was interrupted has none. */
export function finishBuild(sources) {
  mkdirSync('dist/assets', { recursive: true });
  for (const file of ASSETS) copyFileSync(file, join('dist/assets', file.slice(file.lastIndexOf('/') + 1)));
  writeFileSync(STAMP, sources);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [...FILES.filter((name) => existsSync(name)), ...FOLDERS.flatMap(sourcesIn)]) {
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'dist' ? [] : sourcesIn(path);
      return entry.name.endsWith('.spec.ts') ? [] : [path];
    });
}
