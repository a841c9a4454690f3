import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// npm writes this file last: an install that was interrupted has none
const NPM_RECORD = 'node_modules/.package-lock.json';

/** Whether node_modules holds what package-lock.json lists, for this platform, with no package gone missing. */
export function installIsComplete() {
  if (!existsSync(NPM_RECORD)) return false;
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf(NPM_RECORD);
  if (!wanted || !installed) return false;
  const matches = Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    return installed[path] ? installed[path].version === entry.version : Boolean(entry.optional || entry.devOptional);
  });
  return (
    matches &&
    Object.entries(installed).every(([path, entry]) => fitsPlatform(entry) && existsSync(join(path, 'package.json')))
  );
}

/** Packages built for another system tell that the folder was copied from there. */
function fitsPlatform({ os, cpu }) {
  return (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined; // cut off while it was written
  }
}
