import 'reflect-metadata';
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { failureOf } from './command-failure.js';
import { commands } from './commands.js';
import { ExitCode } from './exit-code.js';
import { printable } from './plain-text.js';
import { createProgram, type Execute, rendered, typed } from './program.js';
import { Session } from './session.js';

const execute: Execute = async (command, values, json) => {
  let session: Session | undefined;
  try {
    const run = await command.prepare(values);
    const answer = await run(async () => (session = await Session.open()));
    process.stdout.write(rendered(answer, json));
    process.exitCode = answer.exitCode ?? ExitCode.done;
  } catch (error) {
    const { text, exitCode } = failureOf(session?.meaningOf(error) ?? error, (field) =>
      typed(command, field, values[field]),
    );
    process.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`);
    process.exitCode = exitCode;
  } finally {
    await session?.close();
  }
};

// leaving by way of `exit` lets go of the embedded database, which dying of the signal would not
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.stdout.on('error', () => process.exit(ExitCode.refused)); // whoever was to read the answer has gone

createProgram(commands, execute)
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage; // commander has said what is wrong
      return;
    }
    throw error;
  });
