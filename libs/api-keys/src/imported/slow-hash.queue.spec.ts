import { SlowHashQueue } from './slow-hash.queue.js';

/** Work that ends when the test says so. */
function held(): { work: () => Promise<string>; finish: () => void } {
  let finish = (): void => undefined;
  const done = new Promise<string>((resolve) => (finish = () => resolve('done')));
  return { work: () => done, finish };
}

describe('the queue of slow hashes', () => {
  afterEach(() => jest.useRealTimers());

  it('lets two run at once at the most, and the next in the order in which they came', async () => {
    const queue = new SlowHashQueue();
    const works = Array.from({ length: 5 }, held);
    const begun: number[] = [];
    const ended = works.map(({ work }, n) =>
      queue.run(`source ${n}`, () => {
        begun.push(n);
        return work();
      }),
    );
    await new Promise(setImmediate);
    expect(begun.length).toBeLessThanOrEqual(2);
    for (const { finish } of works) finish();
    expect(await Promise.all(ended)).toEqual(works.map(() => 'done'));
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses one source that has eight under way with 429, and serves the others', async () => {
    const queue = new SlowHashQueue();
    const { work, finish } = held();
    const running = Array.from({ length: 8 }, () => queue.run('greedy', work));
    await expect(queue.run('greedy', work)).rejects.toMatchObject({ code: 'rate_limit.address' });
    const other = queue.run('modest', work);
    finish();
    expect(await Promise.all([...running, other])).toHaveLength(9);
    await expect(queue.run('greedy', () => Promise.resolve('again'))).resolves.toBe('again');
  });

  it('refuses with 503 when it is full, and whoever has waited for two seconds', async () => {
    jest.useFakeTimers();
    const queue = new SlowHashQueue();
    const { work, finish } = held();
    const results = Array.from({ length: 40 }, (_, n) =>
      queue.run(`source ${n}`, work).catch((error: { code: string }) => error.code),
    );
    await jest.advanceTimersByTimeAsync(1999);
    await expect(queue.run('late', work)).rejects.toMatchObject({ code: 'server.unavailable' });
    await jest.advanceTimersByTimeAsync(2);
    finish();
    const outcomes = await Promise.all(results);
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeLessThanOrEqual(2);
    expect(new Set(outcomes)).toEqual(new Set(['done', 'server.unavailable']));
    await expect(queue.run('next', () => Promise.resolve('free again'))).resolves.toBe('free again');
  });

  it('goes on after work that failed', async () => {
    const queue = new SlowHashQueue();
    for (let time = 0; time < 10; time++)
      await expect(queue.run('source', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(queue.run('source', () => Promise.resolve('fine'))).resolves.toBe('fine');
  });
});
