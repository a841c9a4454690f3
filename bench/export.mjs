// `npm run bench:export`: what exporting usage and the audit log takes of the server's memory, and how fast they go.
import { setTimeout as delay } from 'node:timers/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { requireSupportedNode } from '../tools/node-version.mjs';

const MOST_MEBIBYTES = 300;
const SETTLE_MS = 3000;
const SAMPLE_MS = 250;
const usage = `npm run bench:export -- [options]
  --rows N          usage records to export (1000000); 0 leaves them out
  --events N        audit events to export (1000000); 0 leaves them out
  --format F        csv or jsonl; absent: both, one after the other
  --samples         show the memory every ten seconds
BENCH_DATABASE_URL  a PostgreSQL whose role may create databases; absent: an embedded one, made for this run
Exit code 1 when the server's process took more than ${MOST_MEBIBYTES} MiB at any time.`;

requireSupportedNode();
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const options = readOptions();
if (!existsSync('/proc/self/status')) refuse('Memory is read from /proc, which this system does not have.');
const { prepare } = await import('../tools/prepare.mjs');
await prepare({ build: true });
const { openDatabase } = await import('./database.mjs');
const { loadAudit, loadUsage } = await import('./export/load.mjs');
const { Server } = await import('./export/server.mjs');

const database = await openDatabase();
let server;
try {
  server = await Server.start(database.url);
  const { adminKey } = server;
  await server.stop();
  say(`Making ${options.rows} usage records and ${options.events} audit events`);
  if (options.rows > 0) await loadUsage(database.url, options.rows);
  if (options.events > 0) await loadAudit(database.url, options.events);
  const results = [];
  for (const { name, path, expected } of exportsOf(options)) {
    for (const format of options.formats) {
      server = await Server.start(database.url);
      results.push({
        name: `${name}, ${format}`,
        ...(await measure(server, adminKey, path(format), format, expected)),
      });
      await server.stop();
    }
  }
  report(results);
} catch (error) {
  process.stderr.write(`The benchmark failed. ${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  await server?.stop();
  await database.close();
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function exportsOf({ rows, events }) {
  const since = new Date(Date.now() - 85 * 86_400_000).toISOString();
  const until = new Date().toISOString();
  return [
    {
      name: 'usage',
      expected: rows,
      path: (format) => `/api/v1/admin/analytics/export?format=${format}&from=${since}&to=${until}`,
    },
    { name: 'audit', expected: events, path: (format) => `/api/v1/admin/logs/export?format=${format}` },
  ].filter(({ expected }) => expected > 0);
}

/** One export by a server that has done nothing before. */
async function measure(measured, key, path, format, expected) {
  await delay(SETTLE_MS);
  const idle = measured.memory().now;
  const startedAt = performance.now();
  let samples = 0;
  const sampling = setInterval(() => {
    const { now, most } = measured.memory();
    if (options.samples && samples++ % (10_000 / SAMPLE_MS) === 0)
      say(
        `  ${Math.round((performance.now() - startedAt) / 1000)} s: ${now.toFixed(0)} MiB, at most ${most.toFixed(0)}`,
      );
  }, SAMPLE_MS);
  try {
    const { lines, bytes } = await counted(`${measured.address}${path}`, key);
    const seconds = (performance.now() - startedAt) / 1000;
    const rows = format === 'csv' ? lines - 1 : lines;
    if (rows < expected * 0.999) throw new Error(`${path}: ${rows} rows came of ${expected}.`);
    return { rows, bytes, seconds, idle, peak: measured.memory().most };
  } finally {
    clearInterval(sampling);
  }
}

/** Line ends and bytes of the answer, of which nothing is held. */
async function counted(url, key) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  let lines = 0;
  let bytes = 0;
  for await (const piece of response.body) {
    bytes += piece.length;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
  }
  return { lines, bytes };
}

function report(results) {
  say(`\nNode ${process.version}; MiB of the server's process`);
  const head = ['export', 'rows', 'MB', 'seconds', 'rows/s', 'idle', 'peak'];
  const rows = results.map(({ name, rows: exported, bytes, seconds, idle, peak }) => [
    name,
    exported,
    Math.round(bytes / 1e6),
    seconds.toFixed(1),
    Math.round(exported / seconds),
    Math.round(idle),
    Math.round(peak),
  ]);
  for (const [name, ...cells] of [head, ...rows])
    say(name.padEnd(16) + cells.map((cell) => String(cell).padStart(11)).join(''));
  const worst = Math.max(...results.map(({ peak }) => peak));
  if (worst <= MOST_MEBIBYTES) return;
  say(`\nMISSED: ${Math.round(worst)} MiB are more than ${MOST_MEBIBYTES}.`);
  process.exitCode = 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: 'string', default: '1000000' },
        events: { type: 'string', default: '1000000' },
        format: { type: 'string' },
        samples: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    if (values.format !== undefined && !['csv', 'jsonl'].includes(values.format))
      throw new Error(`--format is ${values.format}; allowed are csv and jsonl.`);
    const formats = values.format === undefined ? ['csv', 'jsonl'] : [values.format];
    const { samples } = values;
    return { rows: count('--rows', values.rows), events: count('--events', values.events), formats, samples };
  } catch (error) {
    refuse(`${error.message}\n\n${usage}`);
  }
}

function count(name, text) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 100_000_000) return number;
  throw new Error(`${name} is ${text}; allowed are whole numbers up to 100000000.`);
}

function refuse(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
