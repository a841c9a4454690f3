import { RedisHitCounter } from './redis-hit.counter.js';

describe('hits counted in Redis', () => {
  it('are counted by each process for itself while Redis does not answer', async () => {
    const counter = new RedisHitCounter('redis://127.0.0.1:9'); // nothing listens on the discard port
    try {
      counter.onApplicationBootstrap();
      const rate = { limit: 2, windowSeconds: 60 };
      expect([
        (await counter.hit('key', 'a', rate)).hits,
        (await counter.hit('key', 'a', rate)).hits,
        (await counter.hit('key', 'a', rate)).hits,
      ]).toEqual([1, 2, 3]);
      expect(counter.connected).toBe(false);
    } finally {
      counter.onApplicationShutdown();
    }
  });
});
