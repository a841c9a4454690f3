// Kills the server with SIGKILL five times under load, then PostgreSQL, and proves that nothing acknowledged was lost or
// doubled. Takes about a minute: `node test/faults/kill-nine.mjs`. Exit code 1 when a promise was broken.
//   KILL_NINE_PORT   the port to use (3290)
//   KILL_NINE_SEED   the seed of the moments at which it kills
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { prepare } from '../../tools/prepare.mjs';
import { serverOptions } from '../../tools/server-options.mjs';

const SERVER_KILLS = 5;
const CONNECTIONS = 48;
const OWNERS = 12;
const START_WITHIN_MS = 20_000;
const port = Number(process.env.KILL_NINE_PORT ?? 3290);
const seed = Number(process.env.KILL_NINE_SEED ?? randomBytes(4).readUInt32BE());
const random = mulberry32(seed);

const folder = mkdtempSync(join(tmpdir(), 'keyward-kill-nine-'));
const environment = {
  PATH: process.env.PATH,
  PORT: String(port),
  HOST: '127.0.0.1',
  KEYWARD_DATA_DIR: join(folder, 'data'),
  KEYWARD_ADDRESS_LIMIT: 'off',
  KEYWARD_KEY_LIMIT: 'off',
  KEYWARD_DRAIN_MS: '0',
  LOG_LEVEL: 'error',
};

/** Every call that got a whole answer: its request id, status and what it was. */
const answered = [];
const unanswered = { count: 0 };
let adminKey;
/** Keys of several users: changes to one user and their keys wait for each other. */
const owners = [];

await prepare({ build: true });
const { EmbeddedPostgres } = await import('#libs/database');
const faults = [];
let server;
try {
  server = await start();
  for (let owner = 0; owner < OWNERS; owner++) owners.push(await makeOwner(owner));
  for (let round = 1; round <= SERVER_KILLS; round++) {
    const load = startLoad();
    await delay(1500 + random() * 2500);
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
    await load.stop();
    report(`round ${round}: the server was killed`);
    server = await start();
  }
  const load = startLoad();
  await delay(2000 + random() * 1000);
  process.kill(postmaster(), 'SIGKILL');
  await delay(500);
  await load.stop();
  report('round 6: PostgreSQL was killed');
  server.process.kill('SIGKILL');
  await once(server.process, 'exit');
  server = await start();
  const last = startLoad();
  await delay(1000);
  await last.stop();
  report('after the last start');
  faults.push(...(await verify()));
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error));
} finally {
  if (server !== undefined && server.process.exitCode === null) {
    server.process.kill('SIGTERM');
    await Promise.race([once(server.process, 'exit'), delay(15_000)]);
  }
  rmSync(folder, { recursive: true, force: true });
}

if (faults.length > 0) {
  console.error(`\nBROKEN (seed ${seed}):\n  ${faults.join('\n  ')}`);
  process.exit(1);
}
console.log(
  `\nKept: of ${answered.length} answered calls none lost or doubled its usage record, in no sum either; no acknowledged change its audit event.`,
);
process.exit(0);

/** Starts the server and waits until it is ready; a start that complains is a fault. */
async function start() {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...serverOptions, 'dist/apps/api/src/main.js'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints = [];
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const lines = createInterface({ input: child.stdout });
  let isReady = false;
  const ready = new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const shown = /admin key \(shown once\): (\S+)/.exec(line);
      if (shown !== null && adminKey !== undefined) reject(new Error('a later start made another administrator'));
      adminKey ??= shown?.[1];
      if (line.includes('API documentation:')) {
        isReady = true;
        resolve();
      } else if (!isReady && line.startsWith('{')) complaints.push(line);
    });
    child.once('exit', (code) =>
      reject(new Error(`the server did not start (exit ${code}): ${complaints.join('\n')}`)),
    );
    setTimeout(() => reject(new Error(`the server was not ready in ${START_WITHIN_MS} ms`)), START_WITHIN_MS).unref();
  });
  await ready;
  const ms = Math.round(performance.now() - startedAt);
  if (complaints.length > 0) throw new Error(`the start was not clean: ${complaints.join('\n')}`);
  console.log(`started in ${ms} ms`);
  return { process: child };
}

function postmaster() {
  const pid = Number(readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1) throw new Error('postmaster.pid holds no process');
  return pid;
}

/** A user of the role `user`; resolves to a key. */
async function makeOwner(index) {
  const agent = new Agent();
  let user;
  let issued;
  await call(agent, 'POST', '/api/v1/admin/users', {
    key: adminKey,
    body: { email: `owner${index}@example.com` },
    done: (body) => (user = body),
  });
  await call(agent, 'POST', `/api/v1/admin/users/${user.id}/api-keys`, {
    key: adminKey,
    body: { name: 'owner' },
    done: (body) => (issued = body),
  });
  return issued.key;
}

/** Many connections that read, write and fail, each waiting for its answer before its next call. */
function startLoad() {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let isOver = false;
  const worker = async (_, index) => {
    const mine = [];
    const key = owners[index % OWNERS];
    while (!isOver) {
      try {
        const [method, path, options] = nextCall(mine);
        await call(agent, method, path, { key, ...options });
      } catch {
        unanswered.count += 1;
        await delay(20);
      }
    }
  };
  const workers = Array.from({ length: CONNECTIONS }, worker);
  return {
    stop: async () => {
      isOver = true;
      agent.destroy();
      await Promise.all(workers);
    },
  };
}

/** A call by chance; `mine` are the keys that this worker issued and nobody else changes. */
function nextCall(mine) {
  const dice = random();
  if (dice < 0.3) return ['GET', '/api/v1/profile'];
  if (dice < 0.4) return ['GET', '/api/v1/api-keys?limit=5'];
  if (dice < 0.5) return ['GET', '/api/v1/profile', { key: 'kw_live_garbage' }];
  if (dice < 0.55) return ['GET', '/api/v1/nothing'];
  if (dice < 0.6) return ['POST', '/api/v1/admin/users', { body: { email: 'not an address' } }];
  const id = mine.at(-1);
  if (id === undefined || dice < 0.8)
    return [
      'POST',
      '/api/v1/api-keys',
      { body: { name: 'kill nine' }, done: (body) => mine.push(body.id), change: 'issue' },
    ];
  if (dice < 0.9) return ['PATCH', `/api/v1/api-keys/${id}`, { body: { name: randomUUID() }, change: 'change', id }];
  mine.pop();
  return ['DELETE', `/api/v1/api-keys/${id}`, { change: 'revoke', id }];
}

function call(agent, method, path, { key, body, done, change, id }) {
  const requestId = randomUUID();
  return new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': key,
      'x-request-id': requestId,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const outgoing = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.once('error', reject);
      response.once('close', () => (response.complete ? undefined : reject(new Error('cut'))));
      response.once('end', () => {
        if (!response.complete) return;
        const status = response.statusCode;
        const parsed = text === '' ? {} : JSON.parse(text);
        // 503 says that nothing is promised: the record of the call may be what is missing
        if (status !== 503)
          answered.push({ requestId, status, change: status < 300 ? change : undefined, id: id ?? parsed.id });
        if (status < 300) done?.(parsed);
        resolve();
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What was promised against what is there; the broken promises in words. */
async function verify() {
  const embedded = new EmbeddedPostgres({ dataDir: join(folder, 'data', 'postgres') });
  const client = new pg.Client({ connectionString: await embedded.start() });
  await client.connect();
  const broken = [];
  const expectNone = async (what, sql, parameters) => {
    const { rows } = await client.query(sql, parameters);
    if (rows.length > 0) broken.push(`${what}: ${rows.length}, such as ${JSON.stringify(rows[0])}`);
  };
  const column = (rows, name) => rows.map((row) => row[name]);
  const changes = answered.filter(({ change }) => change !== undefined);
  await expectNone(
    'answered calls without exactly one usage record of their status',
    `select a.id, a.status, count(u.request_id) as records from unnest($1::text[], $2::int[]) a (id, status)
     left join api_usage u on u.request_id = a.id and u.status_code = a.status group by 1, 2 having count(u.request_id) <> 1`,
    [column(answered, 'requestId'), column(answered, 'status')],
  );
  await expectNone(
    'request ids recorded twice',
    'select request_id, count(*) from api_usage group by 1 having count(*) > 1',
  );
  await expectNone('sums of usage that are not the calls', 'select * from usage_differences()');
  await client.query('select usage_fold(10000000)');
  await expectNone('sums of usage that are not the calls once all is folded', 'select * from usage_differences()');
  await expectNone(
    'views and grains that do not hold every call once',
    `select view, grain, sum(calls) as calls from usage_points group by 1, 2 having sum(calls) <> (select count(*) from api_usage)`,
  );
  await expectNone(
    'acknowledged changes without exactly one audit event',
    `select c.id, count(e.id) as events from unnest($1::text[]) c (id) left join audit_events e on e.request_id = c.id group by 1 having count(e.id) <> 1`,
    [column(changes, 'requestId')],
  );
  await expectNone(
    'acknowledged changes that were not made',
    `select c.change, c.id from unnest($1::text[], $2::uuid[]) c (change, id) left join api_keys k on k.id = c.id
     where k.id is null or (c.change = 'revoke' and (k.revoked_at is null or k.revoked_at > now()))`,
    [column(changes, 'change'), column(changes, 'id')],
  );
  await expectNone(
    'audit events of changes that were not made',
    `select e.target_id from audit_events e left join api_keys k on k.id::text = e.target_id where e.action = 'api_key.issued' and k.id is null`,
  );
  await expectNone(
    'changes without an audit event',
    `select k.id from api_keys k left join audit_events e on e.action = 'api_key.issued' and e.target_id = k.id::text where e.id is null`,
  );
  const { rows } = await client.query(
    `select (select count(*)::int from api_usage) as usage, (select count(*)::int from usage_points) as points,
       (select count(*)::int from audit_events) as events`,
  );
  console.log(
    `in the database: ${rows[0].usage} usage records in ${rows[0].points} points, ${rows[0].events} audit events`,
  );
  await client.end();
  await embedded.stop();
  return broken;
}

function report(what) {
  const changes = answered.filter(({ change }) => change !== undefined).length;
  console.log(
    `${what}; so far ${answered.length} calls were answered (${changes} changes), ${unanswered.count} were not`,
  );
}

/** Random numbers that a seed repeats. */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
