import 'reflect-metadata';
import { constants } from 'node:os';
import { runCommandLine } from './command-line.js';
import { ExitCode } from './exit-code.js';

// leaving by way of `exit` lets go of the embedded database, which dying of the signal would not
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.stdout.on('error', () => process.exit(ExitCode.refused)); // whoever was to read the answer has gone

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
