import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { BoundedDelivery } from './bounded-delivery.js';

describe('a bounded delivery', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(true));

  it('hands items over in order, one at a time, after the caller has gone on', async () => {
    const seen: string[] = [];
    const receive = async (item: number): Promise<void> => {
      seen.push(`begin ${item}`);
      await turn();
      seen.push(`end ${item}`);
    };
    const delivery = new BoundedDelivery<number>({ to: 'test', receive, limit: 10 });
    delivery.offer(1);
    delivery.offer(2);
    expect(seen).toEqual([]);
    await delivery.settled(1000);
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('goes on after an item that made the plug-in throw', async () => {
    const seen: number[] = [];
    const receive = (item: number): void => {
      seen.push(item);
      if (item === 1) throw new Error('no');
    };
    const delivery = new BoundedDelivery<number>({ to: 'test', receive, limit: 10 });
    delivery.offer(1);
    delivery.offer(2);
    await delivery.settled(1000);
    expect(seen).toEqual([1, 2]);
  });

  it('drops what is beyond its limit while a plug-in hangs, and takes more once it does not', async () => {
    let release = (): void => undefined;
    const hang = new Promise<void>((resolve) => (release = resolve));
    const seen: number[][] = [];
    const receive = (items: number[]): Promise<void> => {
      seen.push(items);
      return seen.length === 1 ? hang : Promise.resolve();
    };
    const delivery = new BoundedDelivery<number[]>({ to: 'test', receive, limit: 3, sizeOf: ({ length }) => length });
    delivery.offer([1, 2]);
    await turn();
    delivery.offer([3, 4]);
    delivery.offer([5]);
    await delivery.settled(1);
    expect(delivery.load).toEqual({ to: 'test', waiting: 3, dropped: 2 });
    release();
    await delivery.settled(1000);
    delivery.offer([6, 7, 8]);
    await delivery.settled(1000);
    expect(seen).toEqual([[1, 2], [5], [6, 7, 8]]);
    expect(delivery.load).toEqual({ to: 'test', waiting: 0, dropped: 2 });
  });
});
