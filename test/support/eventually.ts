import { setTimeout as delay } from 'node:timers/promises';

/** Repeats `assertion` until it holds, for what a notification or a timer brings about; fails with its last error. */
export async function eventually<T>(assertion: () => Promise<T>, withinMs = 3000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(1); // what is awaited may need this process's own event loop
    }
  }
}
