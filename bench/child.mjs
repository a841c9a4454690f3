import { spawn } from 'node:child_process';
import { on } from './cores.mjs';

/** A program of the bench in a process of its own, spoken to by messages: one question, one answer. */
export class Child {
  static #running = new Set();

  /** Ends every program that still runs. */
  static async stopAll() {
    await Promise.all([...Child.#running].map((child) => child.stop()));
  }

  constructor(name, { core, program, nodeOptions = [], env = {}, output = 'ignore' }) {
    const [file, ...args] = on(core, [process.execPath, ...nodeOptions, program]);
    this.name = name;
    this.process = spawn(file, args, {
      stdio: ['ignore', output, 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...env },
    });
    this.ended = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve(signal ?? code)));
    Child.#running.add(this);
    void this.ended.then(() => Child.#running.delete(this));
  }

  /** Rejects when the program ends or reports a failure instead of answering. */
  async ask(question, details = {}) {
    const answered = new Promise((resolve) => this.process.once('message', resolve));
    this.process.send({ question, ...details });
    const answer = await Promise.race([answered, this.ended.then((how) => ({ failure: `it ended (${how})` }))]);
    if (answer.failure !== undefined) throw new Error(`${this.name}: ${answer.failure}`);
    return answer;
  }

  async stop() {
    if (this.process.connected) this.process.disconnect();
    await this.ended;
  }
}

/**
 * The other end: answers questions by the handlers of these names. `stop` runs when the parent is gone, however it went.
 */
export function answerParent(handlers, stop = () => undefined) {
  process.on('message', ({ question, ...details }) => {
    Promise.resolve()
      .then(() => handlers[question](details))
      .then(
        (answer) => process.send({ ...answer }),
        (error) => process.send({ failure: error.stack ?? String(error) }),
      );
  });
  process.once('disconnect', () => Promise.resolve(stop()).finally(() => process.exit(0)));
  process.on('SIGINT', () => undefined); // a Ctrl-C reaches the parent too, which then leaves
}

/** What a process has used of its core since it started, in microseconds. */
export function cpuMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
