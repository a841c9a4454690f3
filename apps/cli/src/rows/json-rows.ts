import type { Readable } from 'node:stream';
import { parseJsonBody } from '#libs/http';
import { type FileRow, MAX_ROW_BYTES, readable, unreadable } from './file-row.js';

const NEWLINE = 10;

/** Rows of JSON lines (one JSON object a line, UTF-8); empty lines are skipped, a line that is too long is not kept. */
export async function* jsonRows(input: Readable): AsyncGenerator<FileRow> {
  let line = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): FileRow[] => {
    const [text, isTooLong] = [Buffer.concat(parts), length > MAX_ROW_BYTES];
    [parts, length] = [[], 0];
    const row = line++;
    if (isTooLong)
      return [{ line: row, value: unreadable(`The row is longer than ${MAX_ROW_BYTES} bytes, the most allowed.`) }];
    return text.toString().trim() === '' ? [] : [{ line: row, value: readable(() => parseJsonBody(text)) }];
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_ROW_BYTES) parts.push(part);
  };
  for await (const read of input) {
    const chunk = Buffer.from(read);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      yield* take();
      from = at + 1;
    }
    add(chunk.subarray(from));
  }
  yield* take();
}
