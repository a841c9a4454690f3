import { spawn } from 'node:child_process';

/** Preparation cannot go on; the message says why and what to do. */
export class PreparationError extends Error {}

const FIRST_LINES = 6;
const LAST_LINES = 9;
const STACK_LINE = /^(npm error)?\s+at .*:\d+/;
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT|network/;

/** Runs one program quietly; when it fails, the end of what it said precedes the line that says what to do. */
export async function runStep({ label, command, lock, say, explain }) {
  const began = performance.now();
  say(`${label} ... `);
  const { status, output } = await run(command, lock);
  if (status === 0) {
    say(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    return;
  }
  say('failed\n');
  throw new PreparationError(`${excerpt(output)}\n\n${label} failed (${status}). ${explain(output)}`);
}

/** The cause tends to stand at the beginning of what a program says, the place of the full log at its end. */
function excerpt(output) {
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => !STACK_LINE.test(line));
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines.join('\n');
  return [...lines.slice(0, FIRST_LINES), '...', ...lines.slice(-LAST_LINES)].join('\n');
}

/** What to do about a failed `npm ci`, judged by what it said. */
export function explainNpmFailure(output) {
  if (/\bspawn npm ENOENT/.test(output))
    return 'npm was not found: install it together with Node from https://nodejs.org.';
  if (/EACCES|EPERM|EROFS/.test(output)) return `Make ${process.cwd()} writable for this user and start again.`;
  if (/ENOSPC/.test(output)) return 'The disk is full: about 600 MB are needed. Make room and start again.';
  if (/EUSAGE|can only install packages when/.test(output)) {
    return 'package.json and package-lock.json do not belong together: restore both from the repository.';
  }
  if (OFFLINE.test(output)) {
    return 'The package registry cannot be reached: check the network and `npm config get registry`, `npm config get proxy`; then start again.';
  }
  return 'Start again; if it fails again, delete node_modules first.';
}

function run([file, ...args], lock) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && file === 'npm',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const end = (signal) => {
      child.kill(signal);
      child.once('close', () => process.exit(130));
    };
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [signal, () => end(signal)]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    lock.alsoHeldBy(child.pid);
    child.once('error', (error) => resolve({ status: error.code, output: error.message }));
    child.once('close', (code, signal) => {
      for (const [name, listener] of listeners) process.off(name, listener);
      resolve({ status: code ?? signal, output });
    });
  });
}
