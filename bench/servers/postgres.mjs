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

/** Microseconds that the server's processes, the ended ones too, have used since they started; null where there is no /proc. */
function usage() {
  try {
    const postmaster = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0];
    const ticks = readdirSync('/proc').map((pid) => cpuTicks(pid, postmaster));
    return { cpu: ticks.reduce((sum, of) => sum + of, 0) * TICK_MICROSECONDS };
  } catch {
    return { cpu: null };
  }
}

/**
 * What a process of the server has used; the postmaster also answers for the children that it has seen end. Fields 4 and 14
 * to 17 of /proc/<pid>/stat (proc_pid_stat(5)), counted after the name, which may hold anything.
 */
function cpuTicks(pid, postmaster) {
  if (!/^\d+$/.test(pid)) return 0;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    if (pid === postmaster) return user + system + endedUser + endedSystem;
    return fields[1] === postmaster ? user + system : 0;
  } catch {
    return 0; // it has ended since
  }
}

async function stop() {
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

answerParent({ start, usage }, stop);
