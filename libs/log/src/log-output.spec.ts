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

  it('writes what waits in one order, whatever of it has become bytes when it is flushed', () => {
    const lines = Array.from({ length: 1000 }, (_, number) => `line ${number} of a few pieces, and a part of one: €\n`);
    for (const line of lines) output.write(line);
    output.flush();
    output.write('one more\n');
    output.flush();
    expect(written()).toBe(`${lines.join('')}one more\n`);
  });

  it('writes what is left at once when it is flushed', () => {
    output.write('last words\n');
    output.flush();
    expect(written()).toBe('last words\n');
  });
});
