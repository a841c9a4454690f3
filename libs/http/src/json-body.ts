import { RequestProblems } from './http.problems.js';
import { Problem } from './problem.js';

/** Deeper input has no meaning here and overflows recursive validators. */
const MAX_DEPTH = 16;
/** Members that reach a prototype instead of the object, or stand before one: class-transformer drops them in silence. */
export const forbiddenNames: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);
const utf8 = new TextDecoder('utf-8', { fatal: true });

const malformed = (detail: string): Problem => new Problem(RequestProblems.malformed, { detail });

/**
 * Parses a body that may be hostile: bounded depth, no NUL, no lone surrogate, no number beyond a double and no member
 * that reaches or hides a prototype’s. What passes can be validated recursively and stored in PostgreSQL.
 * @throws Problem request.malformed
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (depthOf(text) > MAX_DEPTH) throw malformed(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem(RequestProblems.malformed, { detail: 'The body is not valid JSON.', cause });
  }
  assertHarmless(value, '');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Problem(RequestProblems.malformed, { detail: 'The body is not valid UTF-8.', cause });
  }
}

/** Counts brackets outside strings, so that nothing recursive ever sees text that is too deep. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (inString) {
      if (char === '\\') index++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
}

/** @throws Problem request.malformed when `text` cannot be stored or written back. */
export function assertStorable(text: string, where: string): void {
  if (text.includes('\0')) throw malformed(`${where} contains a NUL character.`);
  if (!text.isWellFormed()) throw malformed(`${where} contains half of a surrogate pair.`);
}

function assertHarmless(value: unknown, pointer: string): void {
  if (typeof value === 'string') assertStorable(value, `The text at ${pointer || '/'}`);
  else if (typeof value === 'number' && !Number.isFinite(value))
    throw malformed(`The number at ${pointer || '/'} is too large.`);
  else if (Array.isArray(value)) value.forEach((entry, index) => assertHarmless(entry, `${pointer}/${index}`));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (forbiddenNames.has(name)) throw malformed(`The member name ${name} at ${pointer || '/'} is not allowed.`);
      assertStorable(name, `A member name at ${pointer || '/'}`);
      assertHarmless(member, `${pointer}/${name}`);
    }
  }
}
