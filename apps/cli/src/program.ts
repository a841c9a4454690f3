import { Argument, Command } from 'commander';
import { version } from '#libs/health';
import type { Answer, CliCommand, CommandGroup } from './cli-command.js';
import { exitCodes } from './exit-code.js';

/** Runs one command with the values given for its fields; resolves to nothing, for the caller sets the exit code. */
export type Execute = (command: CliCommand, values: Readonly<Record<string, unknown>>, json: boolean) => Promise<void>;

/** Where a command line says what it has to say. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** The command line as commander parses it; it throws a CommanderError rather than end the process. */
export function createProgram(
  entries: readonly (CommandGroup | CliCommand)[],
  terminal: Terminal,
  execute: Execute,
): Command {
  const program = inherited(new Command('keyward'), terminal)
    .description('Manages a Keyward installation: the database of DATABASE_URL, or the embedded one in this folder.')
    .version(version, '--version', 'print the version')
    .addHelpText('after', `\n\`keyward <command> --help\` explains a command and gives examples.\n\n${exitCodes}`);
  for (const entry of entries) {
    if ('commands' in entry) addGroup(program, entry, execute);
    else addCommand(program, entry, execute, '');
  }
  return program;
}

/** Settings that commander hands down to subcommands only when they are set before. */
function inherited(program: Command, terminal: Terminal): Command {
  return program
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError('`keyward --help` lists the commands, `keyward <command> --help` explains one.');
}

function addGroup(program: Command, { name, summary, commands }: CommandGroup, execute: Execute): void {
  const group = program.command(name).description(summary).helpCommand(false);
  group.addHelpText('after', `\n\`keyward ${name} <command> --help\` explains a command and gives examples.`);
  for (const command of commands) addCommand(group, command, execute, `${name} `);
}

function addCommand(parent: Command, definition: CliCommand, execute: Execute, prefix: string): void {
  const { name, summary, notes, flags } = definition;
  const command = parent
    .command(name)
    .summary(summary)
    .description(notes === undefined ? summary : `${summary}\n\n${notes}`);
  for (const flag of flags.values()) {
    if (flag instanceof Argument) command.addArgument(flag);
    else command.addOption(flag);
  }
  command
    .option('--json', 'print the result as one line of JSON and nothing else')
    .showHelpAfterError(`\`keyward ${prefix}${name} --help\` shows what is allowed.`)
    .addHelpText('after', `\n${examplesOf(definition)}\n\n${exitCodes}`)
    .action(async () => {
      const options: Record<string, unknown> = command.opts();
      await execute(definition, valuesOf(definition, options, command.processedArgs), options.json === true);
    });
}

function valuesOf(
  { flags }: CliCommand,
  options: Readonly<Record<string, unknown>>,
  positional: readonly unknown[],
): Record<string, unknown> {
  let position = 0;
  const entries = [...flags].map(([field, flag]): [string, unknown] =>
    flag instanceof Argument ? [field, positional[position++]] : [field, options[flag.attributeName()]],
  );
  return Object.fromEntries(entries);
}

function examplesOf({ examples }: CliCommand): string {
  const shown = Object.entries(examples).map(([line, purpose]) => `  # ${purpose}\n  keyward ${line}`);
  return ['Examples:', ...shown].join('\n');
}

/** What goes to standard output. */
export function rendered({ data, text }: Answer, json: boolean): string {
  return `${json ? JSON.stringify(data) : text}\n`;
}

/** A field as the person typed it: the flag that fills it, and what was given. */
export function typed({ flags }: CliCommand, field: string, given: unknown): string {
  const flag = flags.get(field);
  const name = flag instanceof Argument ? `<${flag.name()}>` : (flag?.long ?? field);
  return given === undefined ? name : `${name} ${JSON.stringify(Array.isArray(given) ? given.join(', ') : given)}`;
}
