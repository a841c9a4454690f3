// `npm run bench`: how fast the application is, beside the limit of the machine and the design it grew from. All targets
// are measured in turn, again and again, so that whatever the machine does meanwhile happens to all of them.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions, usage } from './options.mjs';
import { chosenTargets, targets } from './targets.mjs';
import { requireSupportedNode } from '../tools/node-version.mjs';

requireSupportedNode();
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const options = readOptions();
if (options.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

if (options.list) {
  process.stdout.write(`${targets.map(({ name, title }) => `${name.padEnd(12)} ${title}`).join('\n')}\n`);
  process.exit(0);
}
const chosen = chosenTargets(options);

// imported late: packages may have to be installed first
const { prepare } = await import('../tools/prepare.mjs');
await prepare({ build: true });
const { Bench } = await import('./bench.mjs');
const { report, writeReport } = await import('./report.mjs');

const bench = new Bench(chosen, options);
try {
  const results = await bench.run((line) => process.stderr.write(`${line}\n`));
  const { text, json, missed } = report(results, options);
  process.stdout.write(text);
  process.stdout.write(`\nWritten to ${writeReport(json, options.output)}\n`);
  if (options.enforce && missed > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`The benchmark failed. ${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  await bench.close();
}
