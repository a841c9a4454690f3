import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
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
    const lines = Array.from({ length: 60_000 }, (_, number) => `line ${number} é\n`);
    for (const line of lines) output.write(line);
    const all = lines.join('');
    while (written().length < all.length) await new Promise(setImmediate);
    expect(written()).toBe(all);
  });

  it('writes a line that is longer than those that become bytes together', async () => {
    const line = `${'x'.repeat(20_000)}\n`;
    output.write(line);
    while (written() === '') await new Promise(setImmediate);
    expect(written()).toBe(line);
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

describe('the output of log lines into a pipe that nobody reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-log-'));
  const pipe = join(folder, 'pipe');
  let fd = 0;

  beforeAll(() => execFileSync('mkfifo', [pipe]));
  beforeEach(() => {
    fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  });
  afterEach(() => closeSync(fd));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** All that comes, until `isAll`. */
  async function read(isAll: (text: string) => boolean): Promise<string> {
    const buffer = Buffer.alloc(65_536);
    let text = '';
    while (!isAll(text)) {
      try {
        text += buffer.toString('latin1', 0, readSync(fd, buffer));
      } catch {
        await new Promise(setImmediate); // nothing is there yet
      }
    }
    return text;
  }

  const numbered = (count: number): string[] =>
    Array.from({ length: count }, (_, at) => `line ${at} ${'.'.repeat(80)}\n`);

  it('waits for its reader and keeps the order', async () => {
    const output = new LogOutput(fd);
    const lines = numbered(20_000);
    for (const line of lines) output.write(line);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the pipe is full by now
    const all = lines.join('');
    expect(await read((text) => text.length >= all.length)).toBe(all);
  });

  it('drops lines beyond its bound, and says how many, where they would have been', async () => {
    const output = new LogOutput(fd, 20);
    const lines = numbered(10_000);
    for (const line of lines) output.write(line);
    const text = await read((sofar) => sofar.includes('dropped') && sofar.endsWith('\n'));
    const kept = text.slice(0, text.indexOf('{')).split(/(?<=\n)/);
    const told = JSON.parse(text.slice(text.indexOf('{'))) as { level: number; lines: number };
    expect(kept).toEqual(lines.slice(0, kept.length));
    expect(told).toMatchObject({ level: 40, lines: lines.length - kept.length });
    expect(told.lines).toBeGreaterThan(0);
    output.write('one more\n');
    expect(await read((sofar) => sofar.endsWith('\n'))).toBe('one more\n');
  });
});
