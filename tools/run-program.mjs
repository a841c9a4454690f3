import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_CHECK_MS = 500;

/**
 * Runs a Node program in our place: its output, its signals, its exit code. With `group`, signals also reach the
 * programs that it starts, for one that does not pass them on.
 */
export async function runProgram(args, { group = false } = {}) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', detached: group });
  const send = (signal) => (group ? process.kill(-Number(child.pid), signal) : child.kill(signal));
  const asked = new Set();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      asked.add(signal);
      // a Ctrl-C has reached the child already: the terminal sends it to the whole group
      if (signal === 'SIGINT' && process.stdin.isTTY && !group) return;
      send(signal);
    });
  }
  endWithParent(() => {
    asked.add('SIGTERM');
    send('SIGTERM');
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('exit', (...result) => resolve(result));
    child.once('error', reject);
  });
  if (signal === null) process.exit(code);
  // ending by the signal we passed on is what was asked for; any other is a crash
  process.exit(asked.has(signal) ? 0 : 128 + constants.signals[signal]);
}

/** An npm that is killed tells nobody: without this its server would stay behind and keep the port. */
function endWithParent(end) {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, PARENT_CHECK_MS);
  timer.unref();
}
