import { rowBatches } from './row-batches.js';

async function sizes(rows: Iterable<number>): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  try {
    for await (const batch of rowBatches(rows)) seen.push(batch.length);
  } catch (error) {
    seen.push(String(error));
  }
  return seen;
}

function* torn(length: number): Generator<number> {
  for (let row = 0; row < length; row++) yield row;
  throw new Error('torn');
}

describe('rows in batches', () => {
  it.each([
    [0, []],
    [1, [1]],
    [250, [250]],
    [501, [250, 250, 1]],
  ])('of %i', async (length, expected) => {
    expect(await sizes(Array.from({ length }, (_, row) => row))).toEqual(expected);
  });

  it('come with what was read before reading failed', async () => {
    expect(await sizes(torn(260))).toEqual([250, 10, 'Error: torn']);
    expect(await sizes(torn(250))).toEqual([250, 'Error: torn']);
    expect(await sizes(torn(0))).toEqual(['Error: torn']);
  });

  it('are not repeated when whoever takes them fails', async () => {
    const taken: number[] = [];
    const take = async (): Promise<void> => {
      for await (const batch of rowBatches([1, 2, 3])) {
        taken.push(batch.length);
        throw new Error('of the taker');
      }
    };
    await expect(take()).rejects.toThrow('of the taker');
    expect(taken).toEqual([3]);
  });
});
