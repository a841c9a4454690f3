import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 200;

/** Tries until it succeeds, six times within some ten seconds, the pauses doubling. @throws the last error */
export async function attempted(deliver: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await deliver();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await delay(FIRST_PAUSE_MS * 2 ** attempt, undefined, { ref: false });
    }
  }
}
