import { spawn } from 'node:child_process';
import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

const PROGRAM = 'libs/database/src/embedded/scratch-server.ts';
const FROM_SOURCE = ['--conditions=source', '--import', '@swc-node/register/esm-register'];

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * Where the server keeps its data: in memory where there is room, for a database is a thousand files, and some file systems
 * take half a second to make them.
 */
function place() {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Starts a PostgreSQL server that lives as long as this process at most; resolves to its URL and a way to end it. */
export async function startScratchServer() {
  const server = spawn(process.execPath, [...FROM_SOURCE, PROGRAM, place()], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const lines = createInterface({ input: server.stdout });
  const url = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    void ended.then((code) => reject(new Error(`The PostgreSQL server for the tests did not start (exit ${code}).`)));
  });
  const stop = async () => {
    server.stdin.end();
    await ended;
  };
  return { url, stop };
}
