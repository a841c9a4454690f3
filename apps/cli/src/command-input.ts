import type { Type } from '@nestjs/common';
import { IsEmpty } from 'class-validator';
import { Optional, RequestValidationPipe } from '#libs/http';

/** For a command that takes nothing: class-validator refuses a class that has no rule at all. */
export class NoInput {
  @Optional()
  @IsEmpty()
  nothing?: undefined;
}

/**
 * The values given on the command line as an instance of `input`, held to the same rules as a request.
 * @throws Problem request.invalid
 */
export async function validInput<I extends object>(
  input: Type<I>,
  given: Readonly<Record<string, unknown>>,
): Promise<I> {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const instance = await new RequestValidationPipe().transform(present, { type: 'query', metatype: input });
  if (!(instance instanceof input)) throw new TypeError(`${input.name} was not made of what was given.`);
  return instance;
}

/** A whole number as such; any other text as it is, for the rules of the input to refuse. */
export function wholeNumber(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** `a,b` as a list; nothing between the commas is nothing in the list. */
export function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
