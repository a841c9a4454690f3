import { TimeZone } from './time-zone.js';
import { boundariesOf } from './usage-steps.js';

const period = (from: string, to: string): { from: Date; to: Date } => ({ from: new Date(from), to: new Date(to) });

describe('The steps of a period', () => {
  it('are the days of the zone, cut to the period', () => {
    const berlin = new TimeZone('Europe/Berlin');
    const boundaries = boundariesOf(period('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'), 'day', berlin);
    expect(boundaries.map((at) => at.toISOString())).toEqual([
      '2026-03-28T12:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T12:00:00.000Z',
    ]);
  });

  it('are 25 hours on the day on which clocks are put back', () => {
    const berlin = new TimeZone('Europe/Berlin');
    const day = { from: berlin.parse('2026-10-25'), to: berlin.parse('2026-10-26') };
    expect(boundariesOf(day, 'hour', berlin)).toHaveLength(26);
    expect(boundariesOf(day, 'minute', berlin)).toHaveLength(25 * 60 + 1);
  });

  it('are at most 1,500, and whoever asks for more is told so', () => {
    const utc = new TimeZone('UTC');
    expect(boundariesOf(period('2026-01-01T00:00:00Z', '2026-01-02T01:00:00Z'), 'minute', utc)).toHaveLength(1501);
    expect(() => boundariesOf(period('2026-01-01T00:00:00Z', '2026-01-02T01:00:01Z'), 'minute', utc)).toThrow(
      expect.objectContaining({ errors: [{ pointer: '/step', detail: expect.stringContaining('1500 steps') }] }),
    );
    expect(() => boundariesOf(period('0001-01-01T00:00:00Z', '9999-01-01T00:00:00Z'), 'minute', utc)).toThrow('/step');
  });
});
