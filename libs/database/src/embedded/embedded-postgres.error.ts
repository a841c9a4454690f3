/** The embedded database cannot be used; the message is one line that says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The text that a failure carries under this name: `code` (`EACCES`, `ENOSPC`, ...), `stderr`, `message`. */
export const textOf = (error: unknown, name: 'code' | 'stderr' | 'message'): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const text: unknown = Reflect.get(error, name);
  return typeof text === 'string' ? text : undefined;
};

/** Why something failed, in a few words: the system's code where there is one, else the first line of the message. */
export const reasonOf = (error: unknown): string =>
  textOf(error, 'code') ?? (textOf(error, 'message') ?? String(error)).split('\n')[0] ?? '';
