import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.mjs';
import { chooseCores } from './cores.mjs';
import { onServer, openDatabase } from './database.mjs';
import { KEYS, servers } from './targets.mjs';

/** Between two measurements, for what the last one left behind, such as garbage. */
const PAUSE_MS = 100;
/** For the sums of the calls, which the application adds up behind their answers. */
const SUMMING_MS = 120_000;
const SECRET_KEY = 'a secret of the benchmark, known to everybody';

/** One run: the processes, and the measurements in turn. */
export class Bench {
  constructor(targets, options) {
    this.targets = targets;
    this.options = options;
    this.cores = chooseCores();
    this.running = new Map();
  }

  /** Every measurement by the name of its target, and what else the run has shown. */
  async run(say) {
    await this.startAll();
    const measured = new Map(this.targets.map(({ name }) => [name, []]));
    for (let round = 1; round <= this.options.rounds; round += 1) {
      for (const target of this.targets) {
        const measurement = await this.measure(target);
        measured.get(target.name).push(measurement);
        const rate = Math.round(measurement.rate).toString().padStart(7);
        say(`round ${round} of ${this.options.rounds}  ${target.name.padEnd(12)}${rate} req/s`);
      }
    }
    const { targets, cores, database } = this;
    return { targets, measured, cores, database, usage: await this.countUsage(measured) };
  }

  async startAll() {
    const kinds = [...new Set(this.targets.map(({ server }) => server))];
    if (kinds.some((kind) => servers[kind].database)) this.database = await openDatabase(this.cores.load);
    const shared = kinds.some((kind) => servers[kind].sharesKeys) ? await this.issueKeys() : undefined;
    for (const kind of kinds) await this.startServer(kind, servers[kind].sharesKeys ? shared : undefined);
    this.load = new Child('load', { core: this.cores.load, program: 'bench/load.mjs' });
    for (const { name, server, method = 'GET', path, body, keys } of this.targets) {
      const { port, ...issued } = this.running.get(server);
      await this.load.ask('prepare', { target: name, port, method, path, body, keys: issued[keys] ?? [null] });
    }
  }

  /** By a process of its own: one that has made so many would be measured slower than one that only serves. */
  async issueKeys() {
    const child = this.serverProcess('keyward');
    const { port, ...keys } = await child.ask('start', { databaseUrl: this.database.url, keys: KEYS });
    await child.stop();
    return keys;
  }

  async startServer(kind, keys) {
    const profiling = this.options.profile && kind === 'keyward' ? ['--cpu-prof', '--cpu-prof-dir=bench/results'] : [];
    const child = this.serverProcess(kind, profiling);
    const wanted = keys === undefined ? KEYS : undefined;
    const started = { ...keys, ...(await child.ask('start', { databaseUrl: this.database?.url, keys: wanted })) };
    this.running.set(kind, { ...started, child });
  }

  serverProcess(kind, profiling = []) {
    const { program, env, options = [] } = servers[kind];
    return new Child(kind, {
      core: this.cores.server,
      program,
      env: { SECRET_KEY, DATABASE_URL: this.database?.url, ...env },
      output: this.options.log === undefined ? 'ignore' : openSync(this.options.log, 'a'),
      nodeOptions: [...options, ...profiling],
    });
  }

  async measure({ name, server, usage }) {
    const { child, port } = this.running.get(server);
    const { concurrency, seconds, warmUp } = this.options;
    const idle = await this.database?.cpu();
    await this.load.ask('begin', { target: name, port, expect: 200, concurrency, milliseconds: warmUp * 1000 });
    const before = await child.ask('usage');
    const measured = await this.load.ask('measure', { milliseconds: seconds * 1000 });
    const after = await child.ask('usage');
    const { total, p50, p99, worst } = await this.load.ask('finish');
    await delay(PAUSE_MS);
    if (usage) await this.untilSummedUp();
    const databaseCpu = ((await this.database?.cpu()) ?? 0) - (idle ?? 0);
    const cpu = after.cpu - before.cpu;
    return {
      rate: measured.calls / measured.seconds,
      seconds: measured.seconds,
      calls: measured.calls,
      total,
      p50,
      p99,
      worst,
      cpuPerCall: cpu / measured.calls,
      databaseCpuPerCall: databaseCpu / total,
      serverBusy: cpu / measured.seconds / 1e6,
      loadBusy: measured.busy,
      queries: (after.queries ?? 0) - (before.queries ?? 0),
      batches: (after.batches ?? 0) - (before.batches ?? 0),
    };
  }

  /** Or the next target would have to share a core with it. */
  async untilSummedUp() {
    const deadline = performance.now() + SUMMING_MS;
    while (await this.hasUnsummed()) {
      if (performance.now() > deadline) throw new Error(`Usage was not summed up within ${SUMMING_MS / 1000} s.`);
      await delay(PAUSE_MS);
    }
  }

  hasUnsummed() {
    return onServer(this.database.url, async (client) => {
      const { rows } = await client.query('select exists (select from usage_deltas) as are_there');
      return rows[0].are_there;
    });
  }

  /** Calls that were answered, and usage rows that are there: they must be as many. */
  async countUsage(measured) {
    const recorded = this.targets.filter(({ usage }) => usage);
    if (recorded.length === 0) return undefined;
    const answered = recorded.flatMap(({ name }) => measured.get(name)).reduce((sum, { total }) => sum + total, 0);
    if (this.targets.some(({ server }) => server === 'buffered')) await delay(1000);
    const rows = await onServer(this.database.url, async (client) => {
      const {
        rows: [counted],
      } = await client.query('select count(*)::float8 as rows from api_usage');
      return counted.rows;
    });
    return { answered, rows };
  }

  /** Ends everything that was started, whatever state it is in. */
  async close() {
    for (const { child } of this.running.values()) await child.stop(); // before the database that they use
    await this.database?.close();
    await Child.stopAll();
  }
}
