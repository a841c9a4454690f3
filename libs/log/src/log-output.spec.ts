import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogOutput } from './log-output.js';

describe('the output of log lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-log-'));
  const file = join(folder, 'log');
  let fd = 0;
  let output: LogOutput;

  beforeEach(() => {
    fd = openSync(file, 'w');
    output = new LogOutput(fd);
  });
  afterEach(() => closeSync(fd));
  afterAll(() => rmSync(folder, { recursive: true }));

  const written = (): string => readFileSync(file, 'utf8');

  it('writes a single line within the time it promises', async () => {
    output.write('one\n');
    expect(written()).toBe('');
    while (written() === '') await new Promise(setImmediate);
    expect(written()).toBe('one\n');
  });

  it('keeps the order of lines over many chunks', async () => {
    const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number} é\n`);
    for (const line of lines) output.write(line);
    const all = lines.join('');
    while (written().length < all.length) await new Promise(setImmediate);
    expect(written()).toBe(all);
  });

  it('writes what is left at once when it is flushed', () => {
    output.write('last words\n');
    output.flush();
    expect(written()).toBe('last words\n');
  });
});
