import type { Type } from '@nestjs/common';
import { Argument, Option } from 'commander';
import { validInput } from './command-input.js';
import type { Session } from './session.js';

/** Opens the installation, for the commands that need it. */
export type OpenSession = () => Promise<Session>;

/** What a command has to say: `data` for `--json`, `text` for a person. */
export interface Answer {
  readonly data: unknown;
  readonly text: string;
  /** When the answer itself is a "no"; 0 when absent. */
  readonly exitCode?: number;
}

/** How a command is called; `I` holds its input and the rules for it. */
interface CommandForm<I extends object> {
  readonly name: string;
  readonly summary: string;
  /** Further paragraphs of the help. */
  readonly notes?: string;
  /** Whole command lines without the program's name, each with what it is good for. */
  readonly examples: Readonly<Record<string, string>>;
  readonly input: Type<I>;
  /** Which argument or option fills which field of the input; `--json` comes of itself. */
  readonly flags: { readonly [K in keyof I]?: Argument | Option };
}

/** A command that works on the installation. */
export interface CommandDefinition<I extends object> extends CommandForm<I> {
  run(session: Session, input: I): Promise<Answer>;
}

/** A command that works on the checkout in which it is called: it needs neither configuration nor database. */
export interface CheckoutCommandDefinition<I extends object> extends CommandForm<I> {
  run(input: I): Promise<Answer>;
}

/** A command as the program knows it, whatever its input. */
export interface CliCommand extends Pick<CommandForm<object>, 'name' | 'summary' | 'notes' | 'examples'> {
  readonly flags: ReadonlyMap<string, Argument | Option>;
  /** Checks the values, by field, before anything is opened. @throws Problem request.invalid */
  prepare(values: Readonly<Record<string, unknown>>): Promise<(open: OpenSession) => Promise<Answer>>;
}

/** Commands that share their first word. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CliCommand[];
}

export function defineCommand<I extends object>(definition: CommandDefinition<I>): CliCommand {
  return command(definition, async (open, input) => definition.run(await open(), input));
}

/** A command that opens the installation only when what it was given asks for it. */
export interface LazyCommandDefinition<I extends object> extends CommandForm<I> {
  run(open: OpenSession, input: I): Promise<Answer>;
}

export function defineLazyCommand<I extends object>(definition: LazyCommandDefinition<I>): CliCommand {
  return command(definition, (open, input) => definition.run(open, input));
}

export function defineCheckoutCommand<I extends object>(definition: CheckoutCommandDefinition<I>): CliCommand {
  return command(definition, (_, input) => definition.run(input));
}

function command<I extends object>(
  form: CommandForm<I>,
  run: (open: OpenSession, input: I) => Promise<Answer>,
): CliCommand {
  const { name, summary, notes, examples, input } = form;
  const entries: [string, unknown][] = Object.entries(form.flags);
  const flags = new Map(entries.filter((entry): entry is [string, Argument | Option] => isFlag(entry[1])));
  return {
    name,
    summary,
    notes,
    examples,
    flags,
    prepare: async (values) => {
      const valid = await validInput(input, values);
      return (open) => run(open, valid);
    },
  };
}

function isFlag(value: unknown): value is Argument | Option {
  return value instanceof Argument || value instanceof Option;
}
