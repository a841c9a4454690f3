import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PreparationError } from './preparation-step.mjs';

const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * One process at a time may change node_modules and dist. The file names who: each line a process id and, where the
 * system tells, its start time, so that a number used again is not taken for the holder.
 */
export class PreparationLock {
  #file;
  #held = false;

  constructor(file) {
    this.#file = resolve(file);
    process.once('exit', () => this.release());
  }

  async acquire(say) {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (let waited = false; !this.#tryToHold(); waited = true) {
      const text = this.#content();
      if (text === undefined) continue; // released a moment ago
      if (!holders(text).some(isRunning)) {
        this.#discard(text);
        continue;
      }
      const pid = holders(text)[0]?.split(' ')[0];
      if (performance.now() > deadline) {
        throw new PreparationError(
          `Process ${pid} has been preparing this folder for too long: end it, or delete ${this.#file}.`,
        );
      }
      if (!waited) say(`Another start (process ${pid}) is preparing this folder; waiting for it.\n`);
      await delay(200);
    }
  }

  /** A program of ours that would go on if this process were killed keeps the lock until it ends. */
  alsoHeldBy(pid) {
    if (this.#held && pid) writeFileSync(this.#file, `${mark(process.pid)}\n${mark(pid)}\n`);
  }

  release() {
    if (this.#held) rmSync(this.#file, { force: true });
    this.#held = false;
  }

  #tryToHold() {
    // written aside and linked into place, so that nobody ever reads an empty lock
    const draft = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(draft, `${mark(process.pid)}\n`);
      linkSync(draft, this.#file);
      this.#held = true;
    } catch (error) {
      if (error.code !== 'EEXIST' || error.syscall !== 'link') throw unwritable(error);
    } finally {
      rmSync(draft, { force: true });
    }
    return this.#held;
  }

  #content() {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw unwritable(error);
    }
  }

  /** Takes a dead holder's file away; if another process was faster and this is a new one, puts it back. */
  #discard(text) {
    const aside = `${this.#file}.stale-${process.pid}`;
    try {
      renameSync(this.#file, aside);
      if (readFileSync(aside, 'utf8') !== text) linkSync(aside, this.#file);
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw unwritable(error);
    } finally {
      rmSync(aside, { force: true });
    }
  }
}

function unwritable(error) {
  return new PreparationError(
    `Cannot write to ${process.cwd()} (${error.code}): make the folder writable for this user, or clone Keyward into a folder of your own, and start again.`,
  );
}

function holders(text) {
  return text.split('\n').filter(Boolean);
}

function isRunning(line) {
  const pid = Number(line.split(' ')[0]);
  return pid > 0 && !line.endsWith(' gone') && mark(pid) === line;
}

/** "<pid> <start time>"; "<pid> gone" when there is no such process. */
function mark(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return `${pid} gone`;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? `${pid} gone` : `${pid} ${fields[19]}`;
  } catch {
    return `${pid} running`;
  }
}
