import fc from 'fast-check';
import { nextMinute, TimeZone } from './time-zone.js';

const at = (text: string): number => Date.parse(text);
const shown = (instant: number): string => new Date(instant).toISOString();

describe('A time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Etc/GMT+5', 'Asia/Kathmandu'])('knows %s', (name) =>
    expect(TimeZone.isKnown(name)).toBe(true),
  );
  it.each(['', 'Mars/Olympus', '+02:00', '../etc', 'Europe/Berlin\n', 'x'.repeat(100)])('does not know %j', (name) =>
    expect(TimeZone.isKnown(name)).toBe(false),
  );

  it.each([
    ['Europe/Berlin', '2026-01-31', '2026-01-30T23:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T12:00', '2026-07-01T10:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T12:00:00.250', '2026-07-01T10:00:00.250Z'],
    ['Europe/Berlin', '2026-07-01T12:00:00Z', '2026-07-01T12:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T12:00:00+05:30', '2026-07-01T06:30:00.000Z'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'], // shown twice: the first
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30:00.000Z'], // never shown: as if not yet put forward
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'], // a midnight that is skipped: the moment of the change
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'], // the day before never was
    ['UTC', '0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['Europe/Berlin', '0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['UTC', '9999-12-31', '9999-12-31T00:00:00.000Z'],
  ])('%s reads %s as %s', (zone, text, expected) =>
    expect(shown(new TimeZone(zone).parse(text).getTime())).toBe(expected),
  );

  it.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['Europe/Berlin', '2026-06-01', 24],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Africa/Cairo', '2026-04-24', 23],
  ])('%s: the day %s has %d hours', (name, day, hours) => {
    const zone = new TimeZone(name);
    const start = zone.parse(day).getTime();
    expect((zone.nextMidnight(start) - start) / 3_600_000).toBe(hours);
  });

  it('counts hours over a change as they pass', () => {
    const zone = new TimeZone('Europe/Berlin');
    expect(shown(zone.nextHour(at('2026-10-25T00:10:00.123Z')))).toBe('2026-10-25T01:00:00.000Z');
    expect(shown(zone.nextHour(at('2026-10-25T01:00:00Z')))).toBe('2026-10-25T02:00:00.000Z');
    expect(shown(new TimeZone('Asia/Kathmandu').nextHour(at('2026-01-01T00:00:00Z')))).toBe('2026-01-01T00:15:00.000Z');
    expect(shown(nextMinute(at('2026-01-01T00:00:00.001Z')))).toBe('2026-01-01T00:01:00.000Z');
  });

  it('goes forward with every step, whatever the zone and the time', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Africa/Cairo',
      'Pacific/Apia',
    ].map((name) => new TimeZone(name));
    const range = { min: at('2000-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') };
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(range), (zone, instant) => {
        const [hour, midnight] = [zone.nextHour(instant), zone.nextMidnight(instant)];
        expect(hour).toBeGreaterThan(instant);
        expect(hour - instant).toBeLessThanOrEqual(2 * 3_600_000);
        expect(midnight).toBeGreaterThan(instant);
        expect(midnight - instant).toBeLessThanOrEqual(26 * 3_600_000);
        expect(zone.localAt(hour) % 3_600_000).toBe(0);
      }),
    );
  });
});
