import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import { runCommandLine } from '../../apps/cli/src/command-line.js';
import type { TestApp } from './test-app.js';

/** How a run of `keyward` ended, and what it said. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const root = join(__dirname, '../..');

/** The program `keyward`, called in a folder of its own: else the `.env` of whoever runs the tests would be read. */
export class KeywardCommand {
  static readonly file = join(root, 'dist/apps/cli/src/main.js');
  readonly folder = mkdtempSync(join(tmpdir(), 'keyward-command-'));

  private constructor() {}

  /** Builds what is not built. */
  static async built(): Promise<KeywardCommand> {
    await promisify(execFile)(process.execPath, ['tools/start.mjs', '--build-only'], { cwd: root });
    return new KeywardCommand();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** In a process of its own, as it is shipped, with nothing else in its environment. */
  async run(environment: Environment, args: readonly string[], input = ''): Promise<Run> {
    const env = { PATH: process.env.PATH, ...environment };
    const child = spawn(process.execPath, [KeywardCommand.file, ...args], { cwd: this.folder, env });
    child.stdin.end(input);
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await exited, stdout, stderr };
  }

  /**
   * In this process, from the same function as the program calls: a tenth of the time, for what is not about the process.
   * `environment` stands beside what the server of the test was started with.
   */
  async runHere(app: TestApp, environment: Environment, args: readonly string[]): Promise<Run> {
    const [before, folder] = [{ ...process.env }, process.cwd()];
    const run = { exitCode: -1, stdout: '', stderr: '' };
    Object.assign(process.env, environment);
    process.chdir(this.folder);
    try {
      run.exitCode = await runCommandLine(args, {
        out: (said) => void (run.stdout += said),
        err: (said) => void (run.stderr += said),
      });
    } finally {
      process.chdir(folder);
      for (const name of Object.keys(environment)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      Logger.overrideLogger(app.logger); // there is one for all applications of a process, the last one's
    }
    return run;
  }
}
