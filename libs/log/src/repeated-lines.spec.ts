import { RepeatedLines } from './repeated-lines.js';

describe('a fault that repeats', () => {
  const written: Record<string, unknown>[] = [];
  const keep = (line: Record<string, unknown>): void => void written.push(line);
  let lines: RepeatedLines;
  beforeEach(() => {
    jest.useFakeTimers();
    written.length = 0;
    lines = new RepeatedLines({ warn: keep, error: keep });
  });
  afterEach(() => jest.useRealTimers());

  const refused = (at: number): Error => new Error(`connection ${at} refused`);
  const storm = (calls: number): void => {
    for (let at = 0; at < calls; at++) lines.error({ msg: 'Not served', requestId: `r${at}`, err: refused(at) });
  };

  it('is written in full once, then counted, and told of in one line every 5 s', () => {
    storm(10_000);
    expect(written).toEqual([{ msg: 'Not served', requestId: 'r0', err: expect.any(Error) }]);
    jest.advanceTimersByTime(5000);
    expect(written.slice(1)).toEqual([
      {
        msg: 'The same fault again; the first was written in full',
        fault: 'Not served',
        times: 9999,
        last: { requestId: 'r9999' },
      },
    ]);
  });

  it('costs one line in 5 s for as long as it lasts, and one more after its end', () => {
    for (let second = 0; second < 60; second++) {
      storm(100);
      jest.advanceTimersByTime(1000);
    }
    expect(written).toHaveLength(13);
    expect(written.slice(1).reduce((sum, { times }) => sum + Number(times), 0)).toBe(60 * 100 - 1);
  });

  it('is written in full again when it comes back after a pause', () => {
    storm(2);
    jest.advanceTimersByTime(10_000);
    storm(1);
    expect(written.map(({ msg }) => msg)).toEqual(['Not served', expect.stringContaining('again'), 'Not served']);
  });

  it('hides no fault of another kind: message, subject, error and place set kinds apart', () => {
    storm(5);
    lines.error({ msg: 'Not recorded', err: refused(1) });
    lines.error({ msg: 'Not served', err: refused(1) }, 'another subject');
    lines.error({ msg: 'Not served', err: new TypeError('x is not a function') });
    lines.error({ msg: 'Not served', err: Object.assign(refused(1), { code: 'ECONNRESET' }) });
    lines.error({ msg: 'Not served', err: new Error('thrown elsewhere') });
    expect(written).toHaveLength(6);
  });

  it('remembers a bounded number of kinds, the rest as one', () => {
    for (let kind = 0; kind < 5000; kind++) lines.error({ msg: 'Not served' }, `subject ${kind}`);
    expect(written).toHaveLength(101);
    jest.advanceTimersByTime(5000);
    expect(written).toHaveLength(102);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('is told of at once when the process ends', () => {
    storm(3);
    lines.flush();
    expect(written.at(-1)).toMatchObject({ times: 2 });
    expect(jest.getTimerCount()).toBe(0);
  });
});
