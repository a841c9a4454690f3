import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from './embedded-postgres.error.js';
import { EmbeddedPostgres } from './embedded-postgres.js';

/*
 * A program: runs a throw-away server in a folder of its own, made inside the one it is given if any, prints its URL on one
 * line, and takes both away when its standard input ends. That happens as well when the parent was killed, so a test run
 * never leaves a server behind.
 */
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'keyward-scratch-'));
const server = new EmbeddedPostgres({ dataDir: join(folder, 'postgres'), throwaway: true });

const end = async (): Promise<void> => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
};

const finished = new Promise<void>((resolve) => {
  process.stdin.once('close', () => resolve()).resume();
  process.once('SIGTERM', () => resolve());
});
process.on('SIGINT', () => undefined); // a Ctrl-C also reaches the parent, which ends our input when it is done

try {
  process.stdout.write(`${await server.start()}\n`);
  await finished;
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
} finally {
  await end();
  process.stdin.destroy();
}
