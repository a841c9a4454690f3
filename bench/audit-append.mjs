// How many audit events a second the chain takes: `node bench/audit-append.mjs`, after `npm run build`. 1 and 2 replicas,
// processes of their own, 16 connections in all; each event is a transaction. Beside it, in turn, the same row without a
// chain: one INSERT a transaction. Seconds of each run: AUDIT_BENCH_SECONDS.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CONNECTIONS = 16;
const plainInsert = `
  insert into bench_events (id, occurred_at, actor_kind, action, target_type, target_id, after)
  values (gen_random_uuid(), clock_timestamp(), 'system', 'bench.done', 'bench', '1', '{"n": 1}')`;
const seconds = Number(process.env.AUDIT_BENCH_SECONDS ?? 5);

if (process.send === undefined) await measure();
else await append();

async function measure() {
  const { EmbeddedPostgres, migrateUp } = await import('#libs/database');
  const folder = mkdtempSync(join(tmpdir(), 'keyward-audit-bench-'));
  const server = new EmbeddedPostgres({ dataDir: folder, log: () => undefined });
  try {
    const url = await server.start();
    await migrateUp(url);
    await makePlainTable(url);
    for (let round = 1; round <= 3; round++) {
      for (const [way, replicas] of [
        ['plain', 1],
        ['chain', 1],
        ['plain', 2],
        ['chain', 2],
      ]) {
        const connections = Math.floor(CONNECTIONS / replicas);
        const counts = await Promise.all(Array.from({ length: replicas }, () => counted(url, way, connections)));
        const events = counts.reduce((sum, count) => sum + count, 0);
        process.stdout.write(`${way}, ${replicas} replicas: ${Math.round(events / seconds)} events/s\n`);
      }
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makePlainTable(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  await client.query('create table bench_events (like audit_events including defaults including indexes)');
  await client.end();
}

function counted(url, way, connections) {
  const environment = {
    KEYWARD_DATABASE_POOL: String(connections),
    KEYWARD_AUDIT_CHECKPOINTS: 'off',
    LOG_LEVEL: 'error',
  };
  const secret = { SECRET_KEY: 'a secret for a benchmark, long enough' };
  const child = fork(new URL(import.meta.url), [url, way, String(connections)], {
    env: { ...process.env, ...environment, ...secret },
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`a replica ended with ${code}`)));
  });
}

async function append() {
  await import('reflect-metadata');
  const { NestFactory } = await import('@nestjs/core');
  const { AuditLog } = await import('#libs/audit');
  const { Database } = await import('#libs/database');
  const { Principal } = await import('#libs/access');
  const { CliModule } = await import('../dist/apps/cli/src/cli.module.js');
  const [url, way, connections] = process.argv.slice(2);
  const app = await NestFactory.createApplicationContext(CliModule.forDatabase(url), { logger: ['error'] });
  const log = app.get(AuditLog, { strict: false });
  const actor = Principal.system('bench');
  const entry = {
    actor,
    action: 'bench.done',
    target: { type: 'bench', id: '1' },
    organizationId: null,
    after: { n: 1 },
  };
  const database = app.get(Database, { strict: false });
  const ways = { chain: () => log.record(entry), plain: () => database.transaction(() => database.query(plainInsert)) };
  const end = performance.now() + seconds * 1000;
  let count = 0;
  let refused = 0;
  const work = async () => {
    while (performance.now() < end)
      await ways[way]().then(
        () => count++,
        () => refused++,
      );
  };
  await Promise.all(Array.from({ length: Number(connections) }, work));
  if (refused > 0) process.stderr.write(`${refused} refused\n`);
  process.send(count, () => void app.close().then(() => process.exit(0)));
}
