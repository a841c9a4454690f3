import { Readable } from 'node:stream';
import { applyDecorators, HttpCode, StreamableFile } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { csvLine, type CsvValue } from './csv.js';

const types = { csv: 'text/csv; charset=utf-8; header=present', jsonl: 'application/x-ndjson; charset=utf-8' } as const;

export type DownloadFormat = keyof typeof types;
export const downloadFormats: readonly DownloadFormat[] = ['csv', 'jsonl'];

/** A list as a file. */
interface File {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly format: DownloadFormat;
}

/** How the rows of a file are read and what each says in either format. */
export interface Download<T> extends File {
  /**
   * Rows in the order of the file, a few hundred at a time; the next are asked for when the client has taken these. Where
   * rows have to be looked for, an empty batch now and then lets go of a client that has left.
   */
  readonly batches: AsyncIterable<readonly T[]>;
  /** The cells of a row, by the heading of their column; every row has the same. */
  readonly columns: { readonly [heading: string]: (row: T) => CsvValue };
  /** A row as JSON lines have it. */
  readonly line: (row: T) => object;
}

/** A file whose rows come as text in its format already: nothing is made for each row here. */
export interface TextDownload extends File {
  /** Of the columns of CSV; JSON lines have none. */
  readonly headings: readonly string[];
  /** Whole lines, about a megabyte at a time at most; the next are asked for when the client has taken these. */
  readonly lines: AsyncIterable<string>;
}

/**
 * Answers with a file that is made while it is read: memory holds two batches, however long it is. What fails before the
 * first batch is a problem as usual; what fails later cuts the connection, so that nobody takes a torso for whole.
 */
export function download<T>({ name, format, batches, columns, line }: Download<T>): Promise<StreamableFile> {
  const cells = Object.values(columns);
  const rendered = (row: T): string =>
    format === 'csv' ? csvLine(cells.map((cell) => cell(row))) : `${JSON.stringify(line(row))}\n`;
  async function* lines(): AsyncGenerator<string> {
    for await (const batch of batches) yield batch.map(rendered).join('');
  }
  return downloadText({ name, format, headings: Object.keys(columns), lines: lines() });
}

/** As `download`, of lines. */
export async function downloadText({ name, format, headings, lines }: TextDownload): Promise<StreamableFile> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* text(): AsyncGenerator<string> {
    try {
      if (format === 'csv') yield csvLine(headings);
      // an empty batch is handed on too: here alone a client that has gone is noticed
      for (let batch = first; batch.done !== true; batch = await iterator.next()) yield batch.value;
    } finally {
      await iterator.return?.(); // the client may have gone before the end
    }
  }
  return new StreamableFile(Readable.from(text()), {
    type: types[format],
    disposition: `attachment; filename="${name}.${format}"`,
  });
}

/** The route answers 200 with a `download`, for the route and for its OpenAPI entry alike. */
export function ReturnsDownload(): MethodDecorator {
  const content = Object.fromEntries(
    Object.values(types).map((type) => [type.split(';', 1)[0] ?? type, { schema: { type: 'string' } }]),
  );
  return applyDecorators(HttpCode(200), ApiResponse({ status: 200, description: 'The file', content }));
}
