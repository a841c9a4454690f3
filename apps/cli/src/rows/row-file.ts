import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';

/** In place of a file's name: standard input. */
export const STDIN = '-';

/** The file, or standard input, as a stream of bytes. @throws CommandRefused when it cannot be opened */
export async function openRows(file: string): Promise<Readable> {
  if (file === STDIN) return process.stdin;
  try {
    if ((await stat(file)).isDirectory()) throw new Error('it is a directory');
    return (await open(file)).createReadStream();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandRefused(`Cannot read ${file}: ${why}. Allowed: a file, or - for standard input.`, ExitCode.usage, {
      cause,
    });
  }
}
