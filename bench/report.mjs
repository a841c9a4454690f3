import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { KEYS } from './targets.mjs';

/** How long the application believes what it has read of a key: `BELIEVED_MS` of libs/api-keys. */
const BELIEVED_SECONDS = 0.9;

/** What must hold on every machine, measured on this one: [what, figure of `by`, at least or at most]. */
const floors = [
  { what: 'public / bare-node', value: (by) => ratio(by, 'public', 'bare-node'), least: 0.3 },
  { what: 'protected / public', value: (by) => ratio(by, 'protected', 'public'), least: 0.6 },
  { what: 'protected / grown-from', value: (by) => ratio(by, 'protected', 'grown-from'), least: 15 },
  { what: 'p99 of protected, ms', value: (by) => by.protected?.p99, most: 25 },
];

/** The run as a text for people and as JSON for programs; `missed` counts the floors that do not hold. */
export function report({ targets, measured, cores, database, usage }, { rounds, seconds, warmUp, concurrency, log }) {
  const summaries = targets.map(({ name, title }) => ({ name, title, ...summary(measured.get(name)) }));
  const by = Object.fromEntries(summaries.map((figures) => [figures.name, figures]));
  const checks = floors.flatMap(({ what, value: of, least, most }) => {
    const value = of(by);
    if (value === undefined) return [];
    return [{ what, value, least, most, holds: value >= (least ?? -Infinity) && value <= (most ?? Infinity) }];
  });
  const proofs = proofsOf(by, usage, measured);
  const conditions = {
    at: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    pinned: cores.pinned,
    database: database === undefined ? null : { embedded: database.embedded, ...database.settings },
    serverLog: log ?? '/dev/null',
    rounds,
    seconds,
    warmUp,
    concurrency,
  };
  const text = [describe(conditions), table(summaries, by), lines(checks, proofs)].join('\n');
  const missed = [...checks, ...proofs].filter(({ holds }) => !holds).length;
  return { text, json: { conditions, targets: summaries, floors: checks, proofs }, missed };
}

/** Writes the JSON; returns where. */
export function writeReport(json, wanted) {
  const { at, node } = json.conditions;
  const path = wanted ?? `bench/results/${at.slice(0, 10)}-node${node.slice(1).split('.')[0]}.json`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(json, round, 2)}\n`);
  return path;
}

function summary(measurements) {
  const medianOf = (name) => median(measurements.map((measurement) => measurement[name]));
  const rates = measurements.map(({ rate }) => rate);
  const sum = (name) => measurements.reduce((total, measurement) => total + measurement[name], 0);
  return {
    rate: median(rates),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    p50: medianOf('p50'),
    p99: medianOf('p99'),
    worst: Math.max(...measurements.map(({ worst }) => worst)),
    cpuPerCall: medianOf('cpuPerCall'),
    databaseCpuPerCall: medianOf('databaseCpuPerCall'),
    serverBusy: medianOf('serverBusy'),
    loadBusy: medianOf('loadBusy'),
    calls: sum('calls'),
    queries: sum('queries'),
    batches: sum('batches'),
  };
}

/** What the run shows beyond speed. */
function proofsOf(by, usage, measured) {
  const proofs = [];
  if (by.protected !== undefined) {
    const { calls, queries } = by.protected;
    const reads =
      KEYS.warm *
      measured.get('protected').reduce((sum, { seconds }) => sum + Math.ceil(seconds / BELIEVED_SECONDS) + 1, 0);
    proofs.push({
      what: `key cached: ${queries} verification queries for ${calls} calls (at most ${reads}: ${KEYS.warm} keys, each read again after ${BELIEVED_SECONDS} s)`,
      holds: queries <= reads,
    });
  }
  if (by.uncached !== undefined) {
    const { calls, queries } = by.uncached;
    proofs.push({
      what: `key not cached: ${queries} verification queries for ${calls} calls`,
      holds: queries >= calls * 0.99,
    });
  }
  if (usage !== undefined) {
    const { answered, rows } = usage;
    proofs.push({ what: `usage: ${rows} rows are stored for ${answered} answered calls`, holds: rows === answered });
  }
  return proofs;
}

function describe({ node, cpu, cores, pinned, database, serverLog, rounds, seconds, concurrency }) {
  const where = pinned
    ? 'server on core 0, load and PostgreSQL on core 1'
    : 'cores not assigned (no taskset, or one core)';
  const stored =
    database === null
      ? 'none'
      : `${database.server_version}${database.embedded ? ' embedded' : ''}, fsync ${database.fsync}, synchronous_commit ${database.synchronous_commit}`;
  return [
    '',
    `Node ${node}, ${cores} cores (${cpu}), ${where}`,
    `PostgreSQL ${stored}; server log to ${serverLog}`,
    `medians of ${rounds} interleaved rounds of ${seconds} s, ${concurrency} connections`,
    '',
  ].join('\n');
}

const columns = [
  ['', 40, ({ title }) => title],
  ['req/s', 8, ({ rate }) => rate.toFixed(0)],
  ['min-max', 14, ({ slowest, fastest }) => `${slowest.toFixed(0)}-${fastest.toFixed(0)}`],
  ['p50 ms', 8, ({ p50 }) => p50.toFixed(2)],
  ['p99 ms', 8, ({ p99 }) => p99.toFixed(2)],
  ['µs CPU', 8, ({ cpuPerCall }) => cpuPerCall.toFixed(1)],
  ['µs PG', 8, ({ databaseCpuPerCall }) => databaseCpuPerCall.toFixed(1)],
  ['batch', 8, ({ calls, batches }) => (batches === 0 ? '-' : (calls / batches).toFixed(1))],
  ['busy %', 8, ({ serverBusy }) => (serverBusy * 100).toFixed(0)],
  ['load %', 8, ({ loadBusy }) => (loadBusy * 100).toFixed(0)],
  ['/bare', 7, ({ name }, by) => shown(ratio(by, name, 'bare-node'))],
  ['/public', 8, ({ name }, by) => shown(ratio(by, name, 'public'))],
  ['/grown', 7, ({ name }, by) => shown(ratio(by, name, 'grown-from'))],
];

function table(summaries, by) {
  const line = (cell) =>
    columns
      .map((column, at) => (at === 0 ? cell(column).padEnd(column[1]) : cell(column).padStart(column[1])))
      .join('');
  return [line(([head]) => head), ...summaries.map((figures) => line(([, , cell]) => cell(figures, by))), ''].join(
    '\n',
  );
}

function lines(checks, proofs) {
  const verdict = ({ holds }) => (holds ? 'holds ' : 'MISSED');
  return [
    ...checks.map(
      (check) =>
        `${verdict(check)} ${check.what}: ${check.value.toFixed(2)} (${check.least === undefined ? `at most ${check.most}` : `at least ${check.least}`})`,
    ),
    ...proofs.map((proof) => `${verdict(proof)} ${proof.what}`),
    '',
  ].join('\n');
}

function ratio(by, name, other) {
  return by[name] === undefined || by[other] === undefined ? undefined : by[name].rate / by[other].rate;
}

function shown(value) {
  return value === undefined ? '-' : value.toFixed(2);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function round(_name, value) {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
