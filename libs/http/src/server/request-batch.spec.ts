import { AsyncLocalStorage } from 'node:async_hooks';
import { RequestBatch } from './request-batch.js';

describe('A request batch', () => {
  it('handles all that was added in one turn, in order, at the end of the turn', async () => {
    const handled: number[] = [];
    const batch = new RequestBatch<number>((item) => handled.push(item));
    batch.add(1);
    batch.add(2);
    expect(handled).toEqual([]);
    await new Promise(setImmediate);
    expect(handled).toEqual([1, 2]);
  });

  it('handles in a later turn what is added while it runs', async () => {
    const handled: number[] = [];
    const batch = new RequestBatch<number>((item) => {
      handled.push(item);
      if (item < 3) batch.add(item + 1);
    });
    batch.add(1);
    await new Promise(setImmediate);
    expect(handled).toEqual([1]);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(handled).toEqual([1, 2, 3]);
  });

  it('handles each item in the asynchronous context it was added in', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const batch = new RequestBatch<number>(() => seen.push(storage.getStore()));
    storage.run('first', () => batch.add(1));
    storage.run('second', () => batch.add(2));
    batch.add(3);
    await new Promise(setImmediate);
    expect(seen).toEqual(['first', 'second', undefined]);
  });
});
