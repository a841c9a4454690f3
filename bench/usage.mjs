// `npm run bench:usage`: what a usage record takes on disk, how fast records are loaded, how long each question of the
// analytics takes over them, and what writing them costs a call. `--records 1,10,100` (millions) shows sizes side by side.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireSupportedNode } from '../tools/node-version.mjs';

const usage = `npm run bench:usage -- [options]
  --records A,B     millions of records, each size in a database of its own (1)
  --runs N          how often each question is asked (7)
  --skip-commit     leave out group commit against one INSERT per call
  --skip-questions  leave out loading and questions
  --output F        where the JSON goes (bench/results/usage-<date>.json)
BENCH_DATABASE_URL  a PostgreSQL whose role may create databases; absent: an embedded one, made for this run`;

requireSupportedNode();
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const options = readOptions();
const { prepare } = await import('../tools/prepare.mjs');
await prepare({ build: true });
const { openDatabase } = await import('./database.mjs');
const { migrateUp } = await import('#libs/database');
const { loadUsage } = await import('./usage/load.mjs');
const { askQuestions } = await import('./usage/questions.mjs');
const { compareCommits } = await import('./usage/commits.mjs');

const say = (line) => process.stdout.write(`${line}\n`);
const results = {
  at: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model.trim(),
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  sizes: [],
};
try {
  for (const millions of options.skipQuestions ? [] : options.records) {
    results.sizes.push(await withDatabase((url) => measure(url, millions)));
  }
  if (results.sizes.length > 0) sideBySide(results.sizes);
  if (!options.skipCommit) results.commits = await withDatabase((url) => compareCommits(url, say));
  const file = options.output ?? `bench/results/usage-${results.at.slice(0, 10)}.json`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  say(`\nWritten to ${file}`);
} catch (error) {
  process.stderr.write(`The benchmark failed. ${error.stack ?? error}\n`);
  process.exitCode = 1;
}

async function withDatabase(work) {
  const database = await openDatabase();
  try {
    await migrateUp(database.url);
    return { database: database.settings, ...(await work(database.url)) };
  } finally {
    await database.close();
  }
}

async function measure(url, millions) {
  const loaded = await loadUsage(url, Math.round(millions * 1e6), say);
  say(
    `${loaded.records} records: ${loaded.bytesPerRecord.toFixed(0)} bytes each, their sums ${loaded.sumBytesPerRecord.toFixed(0)} more (${loaded.points} points); loaded ${Math.round(loaded.rate)} a second`,
  );
  return { ...loaded, questions: await askQuestions(url, loaded, options.runs) };
}

/** Median and spread of every question, a column for each size. */
function sideBySide(sizes) {
  say(`\nmilliseconds, median (fastest to slowest of ${options.runs})`);
  say(['question'.padEnd(52), ...sizes.map(({ records }) => `${records / 1e6} M`.padStart(22))].join(''));
  for (const [index, { name, span }] of sizes[0].questions.entries()) {
    const cells = sizes.map(({ questions }) => {
      const { median, fastest, slowest } = questions[index];
      return `${median.toFixed(1)} (${fastest.toFixed(1)} to ${slowest.toFixed(1)})`.padStart(22);
    });
    say([`${name}, ${span}`.padEnd(52), ...cells].join(''));
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        records: { type: 'string', default: '1' },
        runs: { type: 'string', default: '7' },
        'skip-commit': { type: 'boolean', default: false },
        'skip-questions': { type: 'boolean', default: false },
        output: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const records = values.records.split(',').map((text) => positive('--records', text));
    const runs = positive('--runs', values.runs);
    return { ...values, records, runs, skipCommit: values['skip-commit'], skipQuestions: values['skip-questions'] };
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exit(2);
  }
}

function positive(name, text) {
  const number = Number(text);
  if (number > 0 && number <= 1000) return number;
  throw new Error(`${name} is ${text}; allowed are numbers from 0.001 to 1000.`);
}
