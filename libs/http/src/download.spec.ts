import { setImmediate as turn } from 'node:timers/promises';
import { download, type Download } from './download.js';

interface Row {
  readonly n: number;
  readonly text: string;
}

const of = (batches: AsyncIterable<readonly Row[]>, format: 'csv' | 'jsonl' = 'csv'): Download<Row> => ({
  name: 'rows',
  format,
  batches,
  columns: { n: ({ n }) => n, text: ({ text }) => text },
  line: (row) => row,
});

async function* endless(seen: { made: number; closed: boolean }): AsyncGenerator<Row[]> {
  try {
    for (;;) yield [{ n: seen.made++, text: 'x'.repeat(100_000) }];
  } finally {
    seen.closed = true;
  }
}

const read = async (file: Awaited<ReturnType<typeof download>>): Promise<string> => {
  let text = '';
  for await (const chunk of file.getStream()) text += String(chunk);
  return text;
};

async function* few(): AsyncGenerator<Row[]> {
  yield [{ n: 1, text: '=1' }];
  await turn();
  yield [];
  yield [{ n: 2, text: 'b' }];
}

describe('A download', () => {
  it('is CSV with a heading', async () => {
    expect(await read(await download(of(few())))).toBe("n,text\r\n1,'=1\r\n2,b\r\n");
  });

  it('is one JSON document a line', async () => {
    const file = await download(of(few(), 'jsonl'));
    expect(await read(file)).toBe('{"n":1,"text":"=1"}\n{"n":2,"text":"b"}\n');
    expect(file.getHeaders()).toMatchObject({ disposition: 'attachment; filename="rows.jsonl"' });
  });

  it('is only its heading when there is nothing', async () => {
    expect(await read(await download(of((async function* () {})())))).toBe('n,text\r\n');
  });

  it('asks for no more than the reader takes, and for nothing once the reader has gone', async () => {
    const seen = { made: 0, closed: false };
    const stream = (await download(of(endless(seen)))).getStream();
    stream.read();
    for (let i = 0; i < 50; i++) await turn();
    expect(seen.made).toBeLessThan(5);
    stream.destroy();
    for (let i = 0; i < 5; i++) await turn();
    expect(seen.closed).toBe(true);
  });

  it('stops looking for rows that may not be there once the reader has gone', async () => {
    const seen = { made: 0, closed: false };
    async function* barren(): AsyncGenerator<Row[]> {
      try {
        for (; seen.made < 1000; seen.made++) {
          await turn();
          yield [];
        }
      } finally {
        seen.closed = true;
      }
    }
    const stream = (await download(of(barren(), 'jsonl'))).getStream();
    stream.resume();
    await turn();
    stream.destroy();
    for (let i = 0; i < 5; i++) await turn();
    expect(seen.closed).toBe(true);
    expect(seen.made).toBeLessThan(20);
  });

  it('that fails before its first row is refused like any call', async () => {
    const broken = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no table')) }) };
    await expect(download(of(broken))).rejects.toThrow('no table');
  });
});
