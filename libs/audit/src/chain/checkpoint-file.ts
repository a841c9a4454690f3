import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AuditCheckpoint, parseCheckpoint } from './checkpoint.js';

const LINE_FEED = 10;
/** More than a line has. */
const TAIL_BYTES = 4096;
const LONGEST_LINE = 16 * 1024 * 1024;

/** Signed checkpoints, one JSON document a line; a last line without an end was cut off while it was written, and does not count. */
export class CheckpointFile {
  constructor(readonly path: string) {}

  /** On the disk when it resolves. Two writers must take turns. */
  async append(checkpoint: AuditCheckpoint): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.path, 'a+');
    try {
      const { size, tail } = await tailOf(file);
      const torn = tail.length - (tail.lastIndexOf(LINE_FEED) + 1);
      if (torn > 0) await file.truncate(size - torn);
      await file.appendFile(`${JSON.stringify(checkpoint)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** The newest; undefined when there is none yet. @throws Error when the last line is something else */
  async last(): Promise<AuditCheckpoint | undefined> {
    if (!existsSync(this.path)) return undefined;
    const file = await open(this.path, 'r');
    try {
      const { tail } = await tailOf(file);
      const line = tail
        .subarray(0, tail.lastIndexOf(LINE_FEED) + 1)
        .toString()
        .trimEnd()
        .split('\n')
        .at(-1);
      if (line === undefined || line === '') return undefined;
      const checkpoint = parseCheckpoint(line);
      if (checkpoint === undefined) throw new Error(`The last line of ${this.path} is no checkpoint.`);
      return checkpoint;
    } finally {
      await file.close();
    }
  }

  /** In the order of the file; a line that is no checkpoint as its text. */
  async *read(): AsyncGenerator<AuditCheckpoint | string, void> {
    for await (const line of wholeLines(this.path)) yield parseCheckpoint(line) ?? line;
  }
}

/**
 * Lines of a file that end; memory does not grow with the file. `torn` is told of a last one that does not.
 * @throws Error for one that is longer than any of ours
 */
export async function* wholeLines(path: string, torn?: () => void): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error(`${path} has a line of more than ${LONGEST_LINE} characters.`);
    yield* lines;
  }
  if (rest !== '') torn?.();
}

async function tailOf(file: Awaited<ReturnType<typeof open>>): Promise<{ size: number; tail: Buffer }> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  await file.read(tail, 0, tail.length, size - tail.length);
  return { size, tail };
}
