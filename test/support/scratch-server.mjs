import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PROGRAM = 'libs/database/src/embedded/scratch-server.ts';
const FROM_SOURCE = ['--conditions=source', '--import', '@swc-node/register/esm-register'];

/** Starts a PostgreSQL server that lives as long as this process at most; resolves to its URL and a way to end it. */
export async function startScratchServer() {
  const server = spawn(process.execPath, [...FROM_SOURCE, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
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
