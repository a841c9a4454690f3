// Imports 100,000 keys of all schemes through the command line on an embedded PostgreSQL of its own, then the same file
// again, and prints the time and the most memory that the process held. Exit code 1 when an outcome is not as expected or the
// memory exceeds 512 MiB. Takes some minutes: `node bench/import.mjs [rows]`. Memory is read from /proc (Linux).
import { spawn } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { prepare } from '../tools/prepare.mjs';

const ROWS = Number(process.argv[2] ?? 100_000);
const USERS = 1000;
const WRONG_EVERY = 1000;
const MOST_MIB = 512;
const folder = mkdtempSync(join(tmpdir(), 'keyward-import-'));

const bare = (bytes) => randomBytes(bytes).toString('base64').replaceAll('=', '');
const digest = (algorithm, key, encoding) => createHash(algorithm).update(key).digest(encoding);

/** A row's hash; only the digests are of their key, for whether a slow hash is right nobody asks before its first use. */
const schemes = [
  (key) => ['sha256', digest('sha256', key, 'hex')],
  (key) => ['sha256', digest('sha256', key, 'base64')],
  (key) => ['sha512', digest('sha512', key, 'hex')],
  (key) => ['hmac-sha256', createHmac('sha256', 'old').update(key).digest('hex'), '', 'old'],
  (key) => ['bcrypt', `$2b$10$${randomBytes(40).toString('hex').slice(0, 53)}`, key.slice(0, 20)],
  (key) => ['scrypt', `$scrypt$ln=14,r=8,p=1$${bare(16)}$${bare(32)}`, key.slice(0, 20)],
  (key) => ['argon2', `$argon2id$v=19$m=65536,t=3,p=4$${bare(16)}$${bare(32)}`, key.slice(0, 20)],
  (key) => ['pbkdf2', `$pbkdf2-sha256$i=600000$${bare(16)}$${bare(32)}`, key.slice(0, 20)],
];

async function write(name, lines) {
  const path = join(folder, name);
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(`${line}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
  return path;
}

function* users() {
  yield 'email,sha256';
  for (let n = 0; n < USERS; n++) yield `user${n}@example.com,${randomBytes(32).toString('hex')}`;
}

function* keys() {
  yield 'owner,scheme,hash,lookup,secret,name,permissions';
  for (let n = 1; n <= ROWS; n++) {
    const key = `sk_old_${randomBytes(16).toString('hex')}`;
    const [scheme, hash, lookup = '', secret = ''] = schemes[n % schemes.length](key);
    const shown = n % WRONG_EVERY === 0 ? 'nonsense' : hash;
    yield `user${n % USERS}@example.com,${scheme},"${shown}",${lookup},${secret},key ${n},orders:read;orders:create`;
  }
}

async function keyward(...args) {
  const env = { PATH: process.env.PATH, KEYWARD_DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'error' };
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/apps/cli/src/main.js', ...args, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let mostKiB = 0;
  const timer = setInterval(() => {
    try {
      const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      mostKiB = Math.max(mostKiB, Number(peak ?? 0));
    } catch {} // it has ended, or this is not Linux
  }, 100);
  const output = await text(child.stdout);
  clearInterval(timer);
  return { answer: JSON.parse(output), seconds: (performance.now() - started) / 1000, mostMiB: mostKiB / 1024 };
}

function report(what, { answer, seconds, mostMiB }, expected) {
  const { created, exists, failed } = answer;
  console.log(
    `${what}: ${created} created, ${exists} there already, ${failed} failed in ${seconds.toFixed(1)} s ` +
      `(${Math.round((created + exists + failed) / seconds)} rows/s); at most ${mostMiB.toFixed(0)} MiB`,
  );
  const isRight = Object.entries(expected).every(([outcome, count]) => answer[outcome] === count);
  if (!isRight || mostMiB > MOST_MIB)
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, at most ${MOST_MIB} MiB`);
}

try {
  await prepare({ build: true });
  const [userFile, keyFile] = [await write('users.csv', users()), await write('keys.csv', keys())];
  const wrong = Math.floor(ROWS / WRONG_EVERY);
  report('users', await keyward('users', 'import-legacy', '--file', userFile), { created: USERS, failed: 0 });
  report('keys', await keyward('keys', 'import', '--file', keyFile), {
    created: ROWS - wrong,
    exists: 0,
    failed: wrong,
  });
  report('again', await keyward('keys', 'import', '--file', keyFile), {
    created: 0,
    exists: ROWS - wrong,
    failed: wrong,
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
