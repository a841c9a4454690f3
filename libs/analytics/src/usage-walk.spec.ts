import fc from 'fast-check';
import { everyCall, type UsagePeriod } from './usage-question.js';
import type { UsagePage } from './usage-rows.read-model.js';
import { walk } from './usage-walk.js';

const day = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };

interface Row {
  readonly occurredAt: string;
  readonly requestId: string;
}

const row = (at: number, requestId: string): Row => ({ occurredAt: new Date(at).toISOString(), requestId });
const positionOf = ({ occurredAt, requestId }: Row): string => `${occurredAt} ${requestId}`;

/** The table, in memory, and what was asked of it. */
class FakeRows {
  questions = 0;
  mostSorted = 0;
  private readonly rows: readonly (Row & { readonly time: number })[];

  constructor(rows: readonly Row[]) {
    this.rows = rows
      .map((one) => Object.assign({ time: Date.parse(one.occurredAt) }, one))
      .toSorted((a, b) => compare(a, b));
  }

  private in({ from, to }: UsagePeriod): Row[] {
    this.questions += 1;
    return this.rows.filter(({ time }) => time >= from.getTime() && time < to.getTime());
  }

  page(_: string, slice: UsagePeriod, __: unknown, after: string | undefined, limit: number): Promise<UsagePage> {
    const rows = this.in(slice);
    this.mostSorted = Math.max(this.mostSorted, rows.length);
    const behind = rows.filter((one) => after === undefined || positionOf(one) > after);
    const last = behind[limit - 1];
    const page = behind.filter((one, n) => n < limit || (last !== undefined && compare(one, last) === 0));
    const text = page.map((one) => `${positionOf(one)}\n`).join('');
    const end = page.at(-1);
    return Promise.resolve({ rows: page.length, text, last: end === undefined ? null : positionOf(end) });
  }

  exist(slice: UsagePeriod): Promise<boolean> {
    return Promise.resolve(this.in(slice).length > 0);
  }
}

function compare(a: Row, b: Row): number {
  const [left, right] = [positionOf(a), positionOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

async function walked(rows: FakeRows, period: UsagePeriod = day, after?: Row): Promise<string[]> {
  let all = '';
  const behind = after === undefined ? undefined : positionOf(after);
  for await (const text of walk(rows, 'jsonl', { period, filter: everyCall }, behind)) all += text;
  return all
    .split('\n')
    .slice(0, -1)
    .map((position) => position.split(' ')[1] ?? '');
}

describe('The walk over usage records', () => {
  it('finds every record of the period once and in order, however they lie', async () => {
    const bursts = fc.array(
      fc.record({
        at: fc.integer({ min: -3_600_000, max: 25 * 3_600_000 }),
        count: fc.integer({ min: 1, max: 6000 }),
        over: fc.constantFrom(1, 1000, 3_600_000),
      }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(bursts, async (all) => {
        const rows = all.flatMap(({ at, count, over }, burst) =>
          Array.from({ length: count }, (_, n) =>
            row(day.from.getTime() + at + Math.floor((n * over) / count), `${burst}-${String(n).padStart(5, '0')}`),
          ),
        );
        const expected = rows
          .filter(({ occurredAt }) => occurredAt >= day.from.toISOString() && occurredAt < day.to.toISOString())
          .toSorted(compare)
          .map(({ requestId }) => requestId);
        expect(await walked(new FakeRows(rows))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('goes on behind any row', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => row(day.from.getTime() + n * 3, String(n).padStart(5, '0')));
    const table = new FakeRows(rows);
    for (const n of [0, 1, 1999, 2000, 4998, 4999]) {
      expect(await walked(table, day, rows[n])).toHaveLength(4999 - n);
    }
  });

  it('loses none of several calls with one request id at one moment', async () => {
    const twins = Array.from({ length: 3 }, () => row(day.from.getTime() + 1, 'twin'));
    const before = Array.from({ length: 1998 }, (_, n) => row(day.from.getTime(), String(n)));
    expect(await walked(new FakeRows([...before, ...twins]))).toHaveLength(2001);
  });

  it('passes over centuries without calls in a few questions', async () => {
    const rows = new FakeRows([
      row(Date.parse('2026-05-01T12:00:00Z'), 'a'),
      row(Date.parse('2026-09-01T12:00:00Z'), 'b'),
    ]);
    const ever = { from: new Date('1600-01-01T00:00:00Z'), to: new Date('2300-01-01T00:00:00Z') };
    expect(await walked(rows, ever)).toEqual(['a', 'b']);
    expect(rows.questions).toBeLessThan(500);
  });

  it('comes up for air after every question, so that nobody is searched for who has gone', async () => {
    let questions = 0;
    const answer = <T>(value: T): Promise<T> => Promise.resolve((questions++, value));
    const barren = { page: () => answer({ rows: 0, text: '', last: null }), exist: () => answer(true) };
    const batches = walk(barren, 'jsonl', { period: day, filter: everyCall }, undefined);
    expect(await batches.next()).toEqual({ done: false, value: '' });
    expect(questions).toBe(1);
  });

  it('never has more than the calls of a few minutes sorted, and less where there are many', async () => {
    const second = 200; // calls
    const rows = Array.from({ length: 60 * second }, (_, n) =>
      row(day.from.getTime() + 43_200_000 + (n * 1000) / second, String(n).padStart(6, '0')),
    );
    const table = new FakeRows(rows);
    expect(await walked(table)).toHaveLength(60 * second);
    expect(table.mostSorted).toBeLessThanOrEqual(60 * second);
    expect(table.questions).toBeLessThan(120);
  });
});
