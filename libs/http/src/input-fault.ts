import type { InputFault } from './problem.js';

/** A JSON pointer (RFC 6901) to a member of `parent`. */
export function pointerTo(name: string, parent = ''): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A query parameter that the call does not take, with those that it does. */
export function notAParameter(name: string, taken: readonly string[]): InputFault {
  const allowed = taken.length === 0 ? 'which takes none' : `which takes ${taken.toSorted().join(', ')}`;
  return { pointer: pointerTo(name), detail: `is not a parameter of this call, ${allowed}` };
}
