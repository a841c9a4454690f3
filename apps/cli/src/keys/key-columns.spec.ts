import { keyRow } from './key-columns.js';

describe('A row of a file of keys', () => {
  it('becomes what JSON would say', () => {
    const cells = {
      owner: 'a@example.com',
      rateLimit: '100/60',
      quota: '1000/day',
      expiresInDays: '30',
      tags: 'a;b, c',
    };
    expect(keyRow(cells)).toEqual({
      owner: 'a@example.com',
      rateLimit: { limit: 100, windowSeconds: 60 },
      quota: { limit: 1000, period: 'day' },
      expiresInDays: 30,
      tags: ['a', 'b', 'c'],
    });
  });

  it.each([
    [{ rateLimit: '100' }, '/rateLimit', 'such as 100/60'],
    [{ rateLimit: '100/60/7' }, '/rateLimit', 'such as 100/60'],
    [{ quota: '1000/day/x' }, '/quota', 'such as 1000/day'],
  ])('is refused where it holds %j', (cells, pointer, detail) => {
    expect(() => keyRow(cells)).toThrow(
      expect.objectContaining({ errors: [{ pointer, detail: expect.stringContaining(detail) }] }),
    );
  });

  it('leaves to the rules of the row what is no number', () => {
    expect(keyRow({ expiresInDays: '0x10' })).toEqual({ expiresInDays: '0x10' });
  });
});
