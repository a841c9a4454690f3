import { invalid } from '#libs/http';
import { nextMinute, type TimeZone } from './time-zone.js';
import type { UsagePeriod } from './usage-question.js';

export const usageSteps = ['minute', 'hour', 'day'] as const;
export type UsageStep = (typeof usageSteps)[number];

const MOST_STEPS = 1500;

/**
 * The boundaries of the steps of a period: its beginning, every minute, hour or midnight of the zone within it, its end. A
 * day is as long as it is on the clocks there, 23 and 25 hours included; the first and the last step may be cut short.
 * @throws Problem request.invalid when there are more than 1,500
 */
export function boundariesOf({ from, to }: UsagePeriod, step: UsageStep, zone: TimeZone): Date[] {
  const next = {
    minute: nextMinute,
    hour: (at: number) => zone.nextHour(at),
    day: (at: number) => zone.nextMidnight(at),
  }[step];
  const boundaries: Date[] = [];
  for (let at = from.getTime(); at < to.getTime(); at = next(at)) {
    if (boundaries.length === MOST_STEPS) {
      const detail = `must make at most ${MOST_STEPS} steps of the period; take a longer step or a shorter period`;
      throw invalid([{ pointer: '/step', detail }]);
    }
    boundaries.push(new Date(at));
  }
  return [...boundaries, to];
}
