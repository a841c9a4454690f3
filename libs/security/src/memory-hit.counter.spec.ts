import fc from 'fast-check';
import { MemoryHitCounter } from './memory-hit.counter.js';

const rate = { limit: 3, windowSeconds: 10 };

describe('hits counted in memory', () => {
  it('count up within a window and tell when it ends', () => {
    let now = 500;
    const counter = new MemoryHitCounter(() => now);
    expect(counter.hit('key', 'a', rate)).toEqual({ hits: 1, endsInMs: 10_000 });
    now = 4500;
    expect(counter.hit('key', 'a', rate)).toEqual({ hits: 2, endsInMs: 6000 });
  });

  it('begin again exactly at the end of the window, which began with its first hit', () => {
    let now = 0;
    const counter = new MemoryHitCounter(() => now);
    for (let hits = 0; hits < 5; hits++) counter.hit('key', 'a', rate);
    now = 9999.9;
    expect(counter.hit('key', 'a', rate).hits).toBeGreaterThan(rate.limit);
    now = 10_000;
    expect(counter.hit('key', 'a', rate)).toEqual({ hits: 1, endsInMs: 10_000 });
  });

  it('never tell of a window longer than it is, whatever the fractions of the clock', () => {
    let now = 0;
    let runs = 0;
    const counter = new MemoryHitCounter(() => now);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 86_400 }),
        (at, windowSeconds) => {
          now = at;
          const { endsInMs } = counter.hit('key', `run ${++runs}`, { limit: 1, windowSeconds });
          expect(endsInMs).toBeLessThanOrEqual(windowSeconds * 1000);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are counted for each subject on its own, and in each scope', () => {
    const counter = new MemoryHitCounter(() => 0);
    counter.hit('key', 'a', rate);
    expect(counter.hit('key', 'b', rate).hits).toBe(1);
    expect(counter.hit('address', 'a', rate).hits).toBe(1);
  });

  it('do not grow beyond one more than the limit: a flood is not remembered', () => {
    const counter = new MemoryHitCounter(() => 0);
    for (let hits = 0; hits < 1000; hits++) counter.hit('key', 'a', rate);
    expect(counter.hit('key', 'a', rate).hits).toBe(4);
  });

  it('let exactly the limit pass in every window, however the hits fall', () => {
    let now = 0;
    let runs = 0;
    const counter = new MemoryHitCounter(() => now);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }),
        (limit, gaps) => {
          runs += 1;
          let windowStart = -Infinity;
          let passed = 0;
          for (const gap of gaps) {
            now += gap;
            if (now - windowStart >= 5000) [windowStart, passed] = [now, 0];
            const { hits } = counter.hit('key', `run ${runs}`, { limit, windowSeconds: 5 });
            const allowed = passed < limit;
            if (allowed) passed += 1;
            expect(hits <= limit).toBe(allowed);
          }
        },
      ),
    );
  });

  it('of strangers do not fill the memory: the one unused longest is forgotten', () => {
    const counter = new MemoryHitCounter(() => 0);
    for (let name = 0; name <= 100_000; name++) counter.hit('key', `${name}`, rate);
    expect(counter.hit('key', '100000', rate).hits).toBe(2);
    expect(counter.hit('key', '0', rate).hits).toBe(1);
  });
});
