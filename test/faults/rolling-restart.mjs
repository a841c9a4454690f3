// Replaces two replicas behind a balancer one after the other, several times, under load, with the settings that a server
// has by default, and proves that no request fails. Takes about a minute: `node test/faults/rolling-restart.mjs`. Exit code
// 1 when a promise was broken.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { prepare } from '../../tools/prepare.mjs';
import { serverOptions } from '../../tools/server-options.mjs';
import { TcpBalancer } from './tcp-balancer.mjs';

const RESTARTS = 6;
/** Send one call after the other, each on a connection of its own that is kept. */
const BUSY_CLIENTS = 8;
/** Pause for up to two seconds between calls, on connections that are kept all the while. */
const IDLE_CLIENTS = 16;
/** Make a new connection for every call. */
const FRESH_CLIENTS = 4;
const START_WITHIN_MS = 30_000;
const END_WITHIN_MS = 15_000;

await prepare({ build: true });
const { EmbeddedPostgres } = await import('#libs/database');
const folder = mkdtempSync(join(tmpdir(), 'keyward-rolling-restart-'));
const postgres = new EmbeddedPostgres({ dataDir: join(folder, 'postgres') });
const balancer = new TcpBalancer();
const faults = [];
const answered = [];
/** Calls on a connection that the server had closed while it was idle; what a client sends again, if nothing changes by it. */
let sentAgain = 0;
let adminKey;
const replicas = [];

try {
  const databaseUrl = await postgres.start();
  const port = await balancer.listen();
  for (let replica = 0; replica < 2; replica++) replicas.push(await startReplica(databaseUrl));
  const load = startLoad(port);
  await delay(1000);
  for (let restart = 1; restart <= RESTARTS; restart++) {
    const before = answered.length;
    replicas.push(await startReplica(databaseUrl)); // the new one first, as Kubernetes does
    const leaving = await stopReplica(replicas.shift());
    console.log(`restart ${restart}: gone after ${leaving} ms, ${answered.length - before} calls answered meanwhile`);
    await delay(500);
  }
  await load.stop();
  if (balancer.unserved > 0) faults.push(`${balancer.unserved} connections found no replica that was ready`);
  faults.push(...(await unrecorded(databaseUrl)));
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error));
} finally {
  await Promise.all(replicas.map(stopReplica)).catch((error) => faults.push(error.message));
  balancer.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

const slowest = Math.round(Math.max(...answered.map(({ ms }) => ms)));
if (faults.length > 0) {
  console.error(`\nBROKEN:\n  ${[...new Set(faults)].slice(0, 20).join('\n  ')}\n  (${faults.length} in all)`);
  process.exit(1);
}
console.log(
  `\nKept: ${answered.length} calls during ${RESTARTS} restarts, none failed, each with one usage record; the slowest took ${slowest} ms; ${sentAgain} were sent again on a new connection.`,
);
process.exit(0);

/** A server as an operator starts it, but for limits. */
async function startReplica(databaseUrl) {
  const port = await freePort();
  const child = spawn(process.execPath, [...serverOptions, 'dist/apps/api/src/main.js'], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      SECRET_KEY: 'a secret for the rolling restart that is long enough',
      KEYWARD_ADDRESS_LIMIT: 'off',
      KEYWARD_KEY_LIMIT: 'off',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    adminKey ??= /admin key \(shown once\): (\S+)/.exec(line)?.[1];
    if (line.startsWith('{') && !line.includes('"health.draining"')) faults.push(`a replica complained: ${line}`);
  });
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`a replica did not start (exit ${code})`);
  });
  gone.catch(() => undefined);
  const late = delay(START_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`a replica was not ready in ${START_WITHIN_MS} ms`);
  });
  await Promise.race([balancer.add(port), gone, late]);
  return { child, port };
}

/** One that nobody listens on; whatever else runs on this machine. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves to how many milliseconds it took from SIGTERM to the end. */
async function stopReplica({ child, port }) {
  const startedAt = performance.now();
  child.kill('SIGTERM');
  const [code] = await Promise.race([once(child, 'exit'), delay(END_WITHIN_MS, ['late'], { ref: false })]);
  balancer.remove(port);
  if (code !== 0) faults.push(`a replica ended with ${code} instead of 0`);
  return Math.round(performance.now() - startedAt);
}

function startLoad(port) {
  let isOver = false;
  const client = async ({ keepAlive, pause, repeats }, index) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!isOver) {
      const [method, path, body] = !repeats && index % 3 === 0 ? creation() : ['GET', '/api/v1/profile'];
      try {
        await send({ agent, port, method, path, body });
      } catch (error) {
        if (repeats && error.onIdleConnection) {
          sentAgain += 1;
          await send({ agent, port, method, path, body }).catch(failed);
        } else failed(error);
      }
      await delay(pause());
    }
    agent.destroy();
  };
  const clients = [
    ...Array.from({ length: BUSY_CLIENTS }, () => ({ keepAlive: true, pause: () => 5, repeats: false })),
    ...Array.from({ length: IDLE_CLIENTS }, () => ({
      keepAlive: true,
      pause: () => Math.random() * 2000,
      repeats: true,
    })),
    ...Array.from({ length: FRESH_CLIENTS }, () => ({ keepAlive: false, pause: () => 20, repeats: false })),
  ].map(client);
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
    },
  };
}

function creation() {
  return ['POST', '/api/v1/api-keys', JSON.stringify({ name: 'rolling restart', permissions: [] })];
}

function failed(error) {
  faults.push(`a call failed: ${error.message}`);
}

function send({ agent, port, method, path, body }) {
  const requestId = randomUUID();
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': adminKey,
      'x-request-id': requestId,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
    };
    const outgoing = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      response.resume();
      response.once('close', () => {
        if (!response.complete) return reject(new Error(`${method} ${path} was cut off`));
        const status = response.statusCode;
        answered.push({ requestId, status, ms: performance.now() - startedAt });
        return status < 300 ? resolve() : reject(new Error(`${method} ${path} was answered ${status}`));
      });
    });
    outgoing.once('error', (error) =>
      reject(
        Object.assign(new Error(`${method} ${path}: ${error.message}`), { onIdleConnection: outgoing.reusedSocket }),
      ),
    );
    outgoing.end(body);
  });
}

/** Answered calls without exactly one usage record of their status. */
async function unrecorded(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query(
    `select a.id, a.status, count(u.request_id) as records from unnest($1::text[], $2::int[]) a (id, status)
     left join api_usage u on u.request_id = a.id and u.status_code = a.status group by 1, 2 having count(u.request_id) <> 1`,
    [answered.map(({ requestId }) => requestId), answered.map(({ status }) => status)],
  );
  await client.end();
  return rows.length === 0 ? [] : [`${rows.length} calls without one usage record, such as ${JSON.stringify(rows[0])}`];
}
