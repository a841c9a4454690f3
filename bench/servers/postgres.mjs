// The embedded PostgreSQL, started from a process of its own so that it inherits its core. Every commit is on disk before
// it is acknowledged, as with the real one; the folder stands beside the real data, so on the same disk.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EmbeddedPostgres } from '#libs/database';
import { answerParent } from '../child.mjs';

const BESIDE = '.keyward';
const TICK_MICROSECONDS = 10_000;
let folder;
let server;

async function start() {
  mkdirSync(BESIDE, { recursive: true });
  folder = resolve(mkdtempSync(join(BESIDE, 'bench-')));
  server = new EmbeddedPostgres({ dataDir: join(folder, 'postgres') });
  return { url: await server.start() };
}

/** Microseconds that the server's processes have used since they started; null where there is no /proc. */
function usage() {
  try {
    const parent = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0];
    const times = readdirSync('/proc').flatMap((pid) => cpuTicks(pid, parent));
    return { cpu: times.reduce((sum, ticks) => sum + ticks, 0) * TICK_MICROSECONDS };
  } catch {
    return { cpu: null };
  }
}

/** Fields 4, 14 and 15 of /proc/<pid>/stat, counted after the name, which may hold anything. */
function cpuTicks(pid, parent) {
  if (!/^\d+$/.test(pid)) return [];
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return fields[1] === parent ? [Number(fields[11]) + Number(fields[12])] : [];
  } catch {
    return []; // it has ended since
  }
}

async function stop() {
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

answerParent({ start, usage }, stop);
