/** Repeats `assertion` until it holds, for what a notification or a timer brings about; fails with its last error. */
export async function eventually<T>(assertion: () => Promise<T>, withinMs = 1000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}
