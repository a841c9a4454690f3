// What a call pays for its record: by group commit as the application does it, and by one INSERT per call as the design that
// it grew from, both with as many calls under way, each waiting for its commit.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, EntitySchema } from 'typeorm';
import { CommittedUsage, UsageRecorder } from '#libs/analytics';

const UNDER_WAY = 256;
const MEASURE_MS = 5000;
const ROUNDS = 5;
const text = { type: 'text' };
const Usage = new EntitySchema({
  name: 'BaselineUsage',
  tableName: 'baseline_usage',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    keyId: { type: 'uuid' },
    userId: { type: 'uuid' },
    route: text,
    method: text,
    statusCode: { type: 'smallint' },
    durationUs: { type: 'int' },
    address: { type: 'inet' },
    userAgent: text,
    requestId: text,
    occurredAt: { type: 'timestamptz', createDate: true },
  },
  indices: [{ columns: ['keyId', 'occurredAt'] }, { columns: ['userId', 'occurredAt'] }],
});
const keys = Array.from({ length: 100 }, () => randomUUID());
const user = randomUUID();
const agent = 'example-client/1 (linux; x64)';

/** Rates of both in turn, and how long a call waits for its commit at half of what group commit sustains. */
export async function compareCommits(url, say) {
  const source = new DataSource({ type: 'postgres', url, entities: [Usage], poolSize: 10 });
  await source.initialize();
  await source.query(table);
  const recorder = new UsageRecorder(
    { durability: 'committed', batchRows: 2000, bufferRows: 50_000, maxWaitMs: 0 },
    { exist: false, settled: () => Promise.resolve() },
    new CommittedUsage(),
    url,
  );
  const usages = source.getRepository(Usage);
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const grouped = await rateOf((turn) => recorder.record(recordOf(turn)));
    const single = await rateOf((turn) => usages.save(rowOf(turn)));
    rounds.push({ grouped, single, ratio: grouped / single });
    say(
      `round ${round}: group commit ${Math.round(grouped)}/s, one INSERT per call ${Math.round(single)}/s, ${(grouped / single).toFixed(1)} times`,
    );
  }
  const half = median(rounds.map(({ grouped }) => grouped)) / 2;
  const waits = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { p50, p99, longest } = await waitsAt(half, (turn) => recorder.record(recordOf(turn)));
    waits.push({ rate: half, p50, p99, longest });
    say(
      `round ${round}, at half that load (${Math.round(half)}/s): a call waits ${p50.toFixed(2)} ms at p50, ${p99.toFixed(2)} at p99, ${longest.toFixed(2)} at most`,
    );
  }
  say(
    `medians: ${median(waits.map(({ p50 }) => p50)).toFixed(2)} ms, ${median(waits.map(({ p99 }) => p99)).toFixed(2)}`,
  );
  await recorder.onApplicationShutdown();
  await source.destroy();
  return { rounds, waits, load: recorder.load };
}

/** Of an odd number of values. */
function median(values) {
  return values.toSorted((a, b) => a - b)[(values.length - 1) / 2];
}

const table = `
  create table baseline_usage (
    id bigserial primary key, "keyId" uuid not null, "userId" uuid not null, route text not null, method text not null,
    "statusCode" smallint not null, "durationUs" int not null, address inet not null, "userAgent" text not null,
    "requestId" text not null, "occurredAt" timestamptz not null default now());
  create index on baseline_usage ("keyId", "occurredAt");
  create index on baseline_usage ("userId", "occurredAt")`;

function recordOf(turn) {
  return {
    occurredAt: Date.now(),
    durationMs: 1 + (turn % 50),
    statusCode: turn % 20 === 0 ? 404 : 200,
    responseBytes: 200,
    method: 'GET',
    route: `/api/v1/things/${turn % 5}`,
    apiKeyId: keys[turn % keys.length],
    userId: user,
    organizationId: user,
    address: '198.51.100.7',
    userAgent: agent,
    requestId: randomUUID(),
    problemCode: null,
    refusal: null,
  };
}

function rowOf(turn) {
  const { durationMs, apiKeyId, occurredAt, responseBytes, organizationId, problemCode, refusal, ...same } =
    recordOf(turn);
  return { ...same, keyId: apiKeyId, durationUs: durationMs * 1000 };
}

/** Calls a second with UNDER_WAY of them waiting at any time. */
async function rateOf(write) {
  let turn = 0;
  const until = performance.now() + MEASURE_MS;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: UNDER_WAY }, async () => {
      while (performance.now() < until) await write(turn++);
    }),
  );
  return (turn / (performance.now() - startedAt)) * 1000;
}

/** Calls that come at `rate` a second, whether or not those before have been written. */
async function waitsAt(rate, write) {
  const waits = new Float64Array(Math.ceil((2 * rate * MEASURE_MS) / 1000));
  const startedAt = performance.now();
  const seen = { sent: 0, written: 0, failure: undefined };
  while (performance.now() - startedAt < MEASURE_MS) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rate);
    for (; seen.sent < due; seen.sent += 1) {
      const at = performance.now();
      write(seen.sent).then(
        () => (waits[seen.written++] = performance.now() - at),
        (error) => (seen.failure = error),
      );
    }
    await delay(1);
  }
  while (seen.written < seen.sent && seen.failure === undefined) await delay(1);
  if (seen.failure !== undefined) throw seen.failure;
  const sorted = waits.subarray(0, seen.sent).toSorted();
  const share = (q) => sorted[Math.floor(q * (seen.sent - 1))];
  return { p50: share(0.5), p99: share(0.99), longest: share(1) };
}
