import fc from 'fast-check';
import { partsOf, type UsageKept } from './usage-parts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const everything: UsageKept = { call: 0, minute: 0, hour: 0, day: 0, week: 0 };
const at = (text: string): Date => new Date(text);
const sizes = { call: 1, minute: MINUTE, hour: HOUR, day: DAY, week: WEEK };

describe('the parts of a period', () => {
  it('are its whole days, hours and minutes, and calls at its ends', () => {
    const { parts, isExact } = partsOf([at('2026-01-01T22:58:30Z'), at('2026-01-04T01:01:00.001Z')], everything);
    const shown = parts.map(({ grain, from, to }) => [grain, new Date(from).toISOString(), new Date(to).toISOString()]);
    expect(shown).toEqual([
      ['call', '2026-01-01T22:58:30.000Z', '2026-01-01T22:59:00.000Z'],
      ['minute', '2026-01-01T22:59:00.000Z', '2026-01-01T23:00:00.000Z'],
      ['hour', '2026-01-01T23:00:00.000Z', '2026-01-02T00:00:00.000Z'],
      ['day', '2026-01-02T00:00:00.000Z', '2026-01-04T00:00:00.000Z'],
      ['hour', '2026-01-04T00:00:00.000Z', '2026-01-04T01:00:00.000Z'],
      ['minute', '2026-01-04T01:00:00.000Z', '2026-01-04T01:01:00.000Z'],
      ['call', '2026-01-04T01:01:00.000Z', '2026-01-04T01:01:00.001Z'],
    ]);
    expect(isExact).toBe(true);
  });

  it('follow each other from its beginning to its end, each kept and of whole sums, wherever calls are kept', () => {
    const time = fc.integer({ min: 0, max: 40 * DAY });
    fc.assert(
      fc.property(
        fc.uniqueArray(time, { minLength: 2, maxLength: 5 }),
        fc.tuple(time, time, time, time),
        (times, [minute, hour, day, week]) => {
          const kept: UsageKept = { call: 0, minute, hour, day, week };
          const boundaries = times.toSorted((a, b) => a - b).map((ms) => new Date(ms));
          const { parts, isExact } = partsOf(boundaries, kept);
          expect(isExact).toBe(true);
          expect(parts[0]?.from).toBe(boundaries[0]?.getTime());
          expect(parts.at(-1)?.to).toBe(boundaries.at(-1)?.getTime());
          for (const [index, { grain, from, to }] of parts.entries()) {
            expect(from).toBeLessThan(to);
            expect(from).toBeGreaterThanOrEqual(kept[grain]);
            expect(parts[index + 1]?.from ?? to).toBe(to);
            expect([from % sizes[grain], to % sizes[grain]]).toEqual([0, 0]);
          }
          // no sum crosses a boundary between periods
          for (const { grain, from, to } of parts)
            expect(
              boundaries.filter((boundary) => +boundary > from && +boundary < to && +boundary % sizes[grain] !== 0),
            ).toEqual([]);
        },
      ),
    );
  });

  it('are its whole weeks before all else, where no boundary cuts them', () => {
    expect(partsOf([new Date(DAY), new Date(3 * WEEK + DAY)], everything).parts).toEqual([
      { grain: 'day', from: DAY, to: WEEK },
      { grain: 'week', from: WEEK, to: 3 * WEEK },
      { grain: 'day', from: 3 * WEEK, to: 3 * WEEK + DAY },
    ]);
  });

  it('end with the sum that is still growing where there are no calls yet, and nowhere else', () => {
    const now = 2 * WEEK + 3 * DAY + 5 * HOUR + 30_000;
    const ending = (noneSince: number): unknown =>
      partsOf([new Date(0), new Date(now)], everything, noneSince).parts.at(-1);
    expect(ending(now)).toEqual({ grain: 'week', from: 0, to: 3 * WEEK });
    expect(ending(now + 1)).toEqual({ grain: 'call', from: now - 30_000, to: now });
    expect(partsOf([new Date(now - MINUTE), new Date(now)], everything, now).parts).toEqual([
      { grain: 'call', from: now - MINUTE, to: now - 30_000 },
      { grain: 'hour', from: now - 30_000, to: now - 30_000 + HOUR },
    ]);
  });

  it('that lie next to each other and are of one kind are one', () => {
    const boundaries = Array.from({ length: 91 }, (_, day) => new Date(day * DAY));
    expect(partsOf(boundaries, everything).parts).toEqual([{ grain: 'day', from: 0, to: 90 * DAY }]);
  });

  it('are the smallest sums there are, each where it begins, where calls are kept no more', () => {
    const kept: UsageKept = { call: 30 * DAY, minute: Infinity, hour: 10 * DAY, day: 0, week: 0 };
    expect(partsOf([new Date(11 * DAY + 90 * MINUTE), new Date(12 * DAY + 1)], kept)).toEqual({
      isExact: false,
      parts: [
        { grain: 'hour', from: 11 * DAY + 2 * HOUR, to: 12 * DAY },
        { grain: 'hour', from: 12 * DAY, to: 12 * DAY + HOUR },
      ],
    });
    expect(partsOf([new Date(5 * DAY + 1), new Date(6 * DAY - 1)], kept)).toEqual({ isExact: false, parts: [] });
    expect(partsOf([new Date(5 * DAY), new Date(5 * DAY + 1)], kept).parts).toEqual([
      { grain: 'day', from: 5 * DAY, to: 6 * DAY },
    ]);
  });

  it('are none for a period that is none', () => {
    expect(partsOf([new Date(1), new Date(1)], everything).parts).toEqual([]);
    expect(partsOf([], everything).parts).toEqual([]);
  });
});
