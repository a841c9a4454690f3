import { Readable } from 'node:stream';
import { type Cells, csvRows } from './csv-rows.js';
import type { FileRow } from './file-row.js';
import { jsonRows } from './json-rows.js';

const columns = { required: ['a', 'b'], optional: ['cC'] };

async function all(rows: AsyncIterable<FileRow>): Promise<FileRow[]> {
  const read: FileRow[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

const csv = (...chunks: string[]): Promise<FileRow[]> =>
  all(csvRows(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), columns, (cells: Cells) => cells));
const jsonl = (...chunks: (string | Buffer)[]): Promise<FileRow[]> =>
  all(jsonRows(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))));

describe('Rows of a CSV file', () => {
  it('have the line on which they begin, whatever ends lines and whatever stands in quotes', async () => {
    for (const end of ['\n', '\r\n']) {
      const rows = await csv(['\ufeffB,a', '1,2', '', `"x${end}y",3`, `z,"4${end}${end}"`, '5,6'].join(end));
      expect(rows).toEqual([
        { line: 2, value: { b: '1', a: '2' } },
        { line: 4, value: { b: `x${end}y`, a: '3' } },
        { line: 6, value: { b: 'z', a: '4' } },
        { line: 9, value: { b: '5', a: '6' } },
      ]);
    }
  });

  it('do not keep each other out: a quote where none belongs, and a cell too many or too few', async () => {
    const rows = await csv('a,b,c_c\n"1"x,2,\n1\n1,2,3,4\ny"z,\0,\n1,2,"3\n', '4"\n');
    expect(rows.map(({ line, value }) => [line, value instanceof Error ? value.message : value])).toEqual([
      [2, { a: '"1"x', b: '2' }],
      [3, { a: '1' }],
      [4, 'The row has 4 cells; there are 3 columns. A cell with a comma in it stands in double quotes.'],
      [5, 'The row contains a NUL character.'],
      [6, { a: '1', b: '2', cC: '3\n4' }],
    ]);
  });

  it.each([
    ['an open quote', 'a,b\n1,2\n"3,4\n5,6\n', 3],
    ['a row without an end', `a,b\n${'x'.repeat(70_000)},2\n3,4\n`, 2],
  ])('end at %s, and it says where', async (_, text, line) => {
    const rows = csvRows(Readable.from([text]), columns, (cells) => cells);
    await expect(all(rows)).rejects.toMatchObject({
      text: expect.stringContaining(`The row of line ${line} does not end`),
    });
  });

  it('need a first line that names the columns, unless their order is known', async () => {
    await expect(csv('1,2\n')).rejects.toMatchObject({ text: expect.stringContaining('the column a is missing') });
    await expect(csv('a,b,b\n')).rejects.toMatchObject({ text: expect.stringContaining('one of them is named twice') });
    const rows = csvRows(Readable.from(['1,2\n']), { ...columns, maybeUnnamed: true }, (cells) => cells);
    expect(await all(rows)).toEqual([{ line: 1, value: { a: '1', b: '2' } }]);
  });
});

describe('Rows of JSON lines', () => {
  it('have their line, however the file arrives in pieces', async () => {
    const text = '{"a":"ü"}\n\n{"b":2}\r\n{"c":3}';
    const expected = [
      { line: 1, value: { a: 'ü' } },
      { line: 3, value: { b: 2 } },
      { line: 4, value: { c: 3 } },
    ];
    expect(await jsonl(text)).toEqual(expected);
    expect(await jsonl(...[...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('do not keep each other out: what is no JSON, what is hostile, what is too long', async () => {
    const rows = await jsonl('{"a":\n', '{"__proto__":1}\n', 'x'.repeat(60_000), 'x'.repeat(60_000), '\n{"a":1}\n');
    expect(rows.map(({ line, value }) => [line, value instanceof Error ? value.message : value])).toEqual([
      [1, 'The body is not valid JSON.'],
      [2, 'The member name __proto__ at / is not allowed.'],
      [3, 'The row is longer than 65536 bytes, the most allowed.'],
      [4, { a: 1 }],
    ]);
  });
});
