import { CommandRefused } from '../command-failure.js';

/** Runs a change of the schema; when it fails, says what PostgreSQL said and that nothing has changed. */
export async function changingSchema<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandRefused(`The migration failed, and the schema is as it was before: ${why}`, undefined, { cause });
  }
}
