import { installationFault } from '#libs/database';
import { Problem } from '#libs/http';
import { ExitCode } from './exit-code.js';

/** What standard error is to say, and how the process ends. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** A command cannot do what it was asked; the message is for the person who asked. */
export class CommandRefused extends Error implements Failure {
  override readonly name = 'CommandRefused';

  constructor(
    readonly text: string,
    readonly exitCode: number = ExitCode.refused,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** Tells what any error means to the person at the terminal. `shown` names a field of the input as it was typed. */
export function failureOf(error: unknown, shown: (field: string) => string): Failure {
  if (error instanceof CommandRefused) return error;
  if (error instanceof Problem) return ofProblem(error, shown);
  const fault = installationFault(error);
  if (fault !== undefined) return { text: fault, exitCode: ExitCode.installation };
  const unforeseen = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `The command failed.\n${unforeseen}`, exitCode: ExitCode.refused };
}

function ofProblem(problem: Problem, shown: (field: string) => string): Failure {
  const { code, status, message, errors = [], cause } = problem;
  const faults = errors.map(({ pointer, detail }) => `${shown(pointer.split('/')[1] ?? '')}: ${detail}`);
  if (code === 'request.invalid' && faults.length > 0) return { text: faults.join('\n'), exitCode: ExitCode.usage };
  const why = status >= 500 && cause instanceof Error ? [`Cause: ${cause.message}`] : [];
  // the remedies of request.* speak of paths and headers, which a command has none of
  const remedy = code.startsWith('request.') || faults.length > 0 ? [] : [problem.definition.remedy];
  return { text: [`${message} (${code})`, ...faults, ...why, ...remedy].join('\n'), exitCode: exitCodeOf(status) };
}

function exitCodeOf(status: number): number {
  if (status === 400 || status === 422) return ExitCode.usage;
  return status === 503 ? ExitCode.installation : ExitCode.refused;
}
