const HEADER_LENGTH = 19;
const TRAILER_LENGTH = 2;

/** The rows of a COPY in PostgreSQL's binary format, read back; null is NULL. */
export function rowsOf(copy: string): (Buffer | null)[][] {
  const bytes = Buffer.from(copy, 'latin1');
  expect(bytes.toString('latin1', 0, 11)).toBe('PGCOPY\n\xff\r\n\0');
  expect(bytes.readInt16BE(bytes.length - TRAILER_LENGTH)).toBe(-1);
  const rows: (Buffer | null)[][] = [];
  let at = HEADER_LENGTH;
  while (at < bytes.length - TRAILER_LENGTH) {
    const count = bytes.readInt16BE(at);
    const { fields, end } = read(bytes, at + 2, count);
    rows.push(fields);
    at = end;
  }
  return rows;
}

/** The fields of a part of a row, to its end. */
export function fieldsOf(part: string): (Buffer | null)[] {
  return read(Buffer.from(part, 'latin1'), 0, Infinity).fields;
}

function read(bytes: Buffer, from: number, count: number): { fields: (Buffer | null)[]; end: number } {
  const fields: (Buffer | null)[] = [];
  let at = from;
  while (fields.length < count && at < bytes.length) {
    const length = bytes.readInt32BE(at);
    at += 4;
    fields.push(length === -1 ? null : bytes.subarray(at, at + length));
    at += Math.max(0, length);
    expect(at).toBeLessThanOrEqual(bytes.length);
  }
  return { fields, end: at };
}
