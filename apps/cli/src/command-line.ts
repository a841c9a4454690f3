import { CommanderError } from 'commander';
import type { CliCommand } from './cli-command.js';
import { failureOf } from './command-failure.js';
import { commands } from './commands.js';
import { ExitCode } from './exit-code.js';
import { printable } from './plain-text.js';
import { createProgram, rendered, type Terminal, typed } from './program.js';
import { Session } from './session.js';

/** Runs one command line, without the name of the program, to its end. @returns the exit code */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = createProgram(commands, terminal, async (command, values, json) => {
    exitCode = await execute(command, values, json, terminal);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage; // commander has said what is wrong
  }
}

async function execute(
  command: CliCommand,
  values: Readonly<Record<string, unknown>>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  let session: Session | undefined;
  try {
    const run = await command.prepare(values);
    const answer = await run(async () => (session = await Session.open()));
    terminal.out(rendered(answer, json));
    return answer.exitCode ?? ExitCode.done;
  } catch (error) {
    const { text, exitCode } = failureOf(session?.meaningOf(error) ?? error, (field) =>
      typed(command, field, values[field]),
    );
    terminal.err(`${text.split('\n').map(printable).join('\n')}\n`);
    return exitCode;
  } finally {
    await session?.close();
  }
}
