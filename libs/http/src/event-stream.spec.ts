import type { Response } from 'express';
import { EventStream } from './event-stream.js';

/** An answer whose reader takes nothing until it is told to. */
class HeldAnswer {
  text = '';
  writableLength = 0;
  writableEnded = false;
  destroyed = false;

  writeHead(): this {
    return this;
  }
  write(text: string): boolean {
    this.text += text;
    this.writableLength += text.length;
    return false;
  }
  end(): this {
    this.writableEnded = true;
    return this;
  }
  destroy(): this {
    this.destroyed = true;
    return this;
  }
}

describe('A stream of events', () => {
  let answer: HeldAnswer;
  beforeEach(() => {
    answer = new HeldAnswer();
  });
  const streamWith = (mayGoOn: () => boolean | Promise<boolean> = () => true): EventStream =>
    new EventStream(answer as unknown as Response, mayGoOn);

  it('has one line for each part of an event, whatever is in it', () => {
    streamWith().send('usage\r\ndata: forged', { name: 'two\r\nlines\n\nevent: forged', sep: '\u2028' });
    const lines = answer.text.split(/\r\n|\r|\n/);
    expect(lines).toEqual([
      'event: usage  data: forged',
      expect.stringMatching(/^data: \{"name":"two\\r\\nlines/),
      '',
      '',
    ]);
  });

  it('beats with a comment, which no reader takes for an event', () => {
    streamWith().beat();
    expect(answer.text).toBe(':\n\n');
  });

  it('cuts a reader off that leaves too much unread', () => {
    const stream = streamWith();
    for (let sent = 0; sent < 7; sent++) stream.send('e', { filler: 'x'.repeat(9_000) });
    expect(answer.destroyed).toBe(false);
    stream.send('e', { filler: 'x'.repeat(9_000) });
    expect(answer.destroyed).toBe(true);
  });

  it('sends nothing while the right to read is in doubt, and all of it once that is settled', async () => {
    let settle: (yes: boolean) => void = () => undefined;
    const stream = streamWith(() => new Promise((resolve) => (settle = resolve)));
    stream.check();
    stream.send('e', { first: true });
    stream.check();
    stream.send('e', { second: true });
    expect(answer.text).toBe('');
    settle(true);
    await new Promise(setImmediate);
    expect(answer.text).toBe('event: e\ndata: {"first":true}\n\nevent: e\ndata: {"second":true}\n\n');
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['not be read any more', () => false],
    ['not be read any more, as it turns out', () => Promise.resolve(false)],
    ['be read or not: nobody knows', () => Promise.reject(new Error('no database'))],
    [
      'be read or not: nobody can even ask',
      () => {
        throw new Error('no credential');
      },
    ],
  ])('ends when it may %s, and what was withheld stays unsent', async (_, mayGoOn) => {
    const stream = streamWith(mayGoOn);
    stream.check();
    stream.send('e', {});
    await new Promise(setImmediate);
    expect([answer.writableEnded, answer.text]).toEqual([true, '']);
  });
});
