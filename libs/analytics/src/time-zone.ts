const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Before it clocks show UTC: nobody has calls of then, and `Date.UTC` takes years below 100 for those of another century. */
const YEAR_1000 = Date.UTC(1000, 0);
const ianaName = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;
const withOffset = /(Z|[+-]\d{2}:\d{2})$/i;

/** The clocks of one place, by the IANA time zone database. */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat;

  /** @throws RangeError when the database has no such zone; see `isKnown` */
  constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  static isKnown(name: string): boolean {
    try {
      return ianaName.test(name) && new TimeZone(name) instanceof TimeZone;
    } catch {
      return false; // a RangeError, which is how Intl tells
    }
  }

  /** What the clocks show at `instant`, as the milliseconds since the epoch that would show it in UTC; whole seconds. */
  localAt(instant: number): number {
    if (instant < YEAR_1000) return Math.floor(instant / 1000) * 1000;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.format.formatToParts(instant)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  /**
   * When the clocks show `local`: of two such moments the first; of none, because the clocks are put forward over it, what
   * they would have shown had they not been. The midnight that a change skips is thereby the moment of the change.
   */
  instantOf(local: number): number {
    const [before, after] = [this.offsetAt(local - DAY_MS), this.offsetAt(local + DAY_MS)];
    const [first, second] = [local - Math.max(before, after), local - Math.min(before, after)];
    if (first + this.offsetAt(first) === local) return first;
    return second + this.offsetAt(second) === local ? second : local - before;
  }

  /** A time of RFC 3339, with or without an offset, or a date, which means its first moment. */
  parse(text: string): Date {
    if (withOffset.test(text)) return new Date(text);
    return new Date(this.instantOf(Date.parse(text.includes('T') ? `${text}Z` : text)));
  }

  /** The midnight that ends the day of `instant`. */
  nextMidnight(instant: number): number {
    return this.instantOf((Math.floor(this.localAt(instant) / DAY_MS) + 1) * DAY_MS);
  }

  /** The next moment at which the clocks show a whole hour; a change may make it more than an hour away. */
  nextHour(instant: number): number {
    const inAnHour = instant + 60 * MINUTE_MS;
    const past = (this.localAt(inAnHour) % (60 * MINUTE_MS)) + (((inAnHour % 1000) + 1000) % 1000);
    return inAnHour - past > instant ? inAnHour - past : inAnHour - past + 60 * MINUTE_MS;
  }

  private offsetAt(instant: number): number {
    return this.localAt(instant) - Math.floor(instant / 1000) * 1000;
  }
}

/** The next whole minute; offsets have been whole minutes in all zones for longer than anybody keeps usage. */
export function nextMinute(instant: number): number {
  return (Math.floor(instant / MINUTE_MS) + 1) * MINUTE_MS;
}
