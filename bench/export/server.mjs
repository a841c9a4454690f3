import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { serverOptions } from '../../tools/server-options.mjs';

const START_WITHIN_MS = 60_000;

/** The server as it ships, in a process of its own on a database that is there; what it takes of memory is read from /proc. */
export class Server {
  static async start(databaseUrl) {
    const child = spawn(process.execPath, [...serverOptions, 'dist/apps/api/src/main.js'], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        SECRET_KEY: 'a secret for a benchmark, long enough',
        KEYWARD_AUDIT_CHECKPOINTS: 'off',
        KEYWARD_DRAIN_MS: '0',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const server = new Server(child);
    await server.ready();
    return server;
  }

  constructor(child) {
    this.process = child;
    this.adminKey = undefined;
    this.address = undefined;
  }

  async ready() {
    const started = new Promise((resolve) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.adminKey ??= /admin key \(shown once\): (\S+)/.exec(line)?.[1];
        this.address ??= /API documentation:\s+(https?:\/\/[^/]+)/.exec(line)?.[1];
        if (line.startsWith('{')) process.stderr.write(`${line}\n`);
        if (this.address !== undefined) resolve(true);
      });
      this.process.once('exit', () => resolve(false));
      setTimeout(() => resolve(false), START_WITHIN_MS).unref();
    });
    if (await started) return;
    this.process.kill('SIGKILL');
    throw new Error('The server did not start.');
  }

  /** MiB of the process now, and the most that it ever took. */
  memory() {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    const mebibytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
    return { now: mebibytes('VmRSS'), most: mebibytes('VmHWM') };
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}
