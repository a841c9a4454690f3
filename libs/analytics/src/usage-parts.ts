import type { UsagePeriod } from './usage-question.js';

const SIZE_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

/** By what calls are summed up; days are those of UTC, weeks seven of them from the epoch on. */
export type UsageGrain = keyof typeof SIZE_MS;

/** Since when sums by a grain are kept, and the calls themselves; in milliseconds since the epoch, `Infinity`: not at all. */
export type UsageKept = Readonly<Record<UsageGrain | 'call', number>>;

/** A time that is answered from one kind of row; milliseconds since the epoch, half-open. */
export interface UsagePart {
  readonly grain: UsageGrain | 'call';
  readonly from: number;
  readonly to: number;
}

export interface UsageParts {
  readonly parts: readonly UsagePart[];
  /** False where calls are kept no more: then every minute, hour or day counts where it begins. */
  readonly isExact: boolean;
}

/**
 * Cuts periods that follow each other into whole weeks, days, hours and minutes, and into what is left of a minute at their
 * ends, for which the calls are counted. Together the parts are the periods, without gap or overlap. From `noneSince` on,
 * milliseconds since the epoch, there are no calls yet: what ends after it ends with a whole sum, which is still growing.
 */
export function partsOf(boundaries: readonly Date[], kept: UsageKept, noneSince = Infinity): UsageParts {
  const parts: UsagePart[] = [];
  for (const period of periodsBetween(boundaries)) {
    const [from, to] = [period.from.getTime(), period.to.getTime()];
    for (const part of cut(from, to, ['week', 'day', 'hour', 'minute'], kept, noneSince)) {
      const last = parts.at(-1);
      const follows = last !== undefined && last.grain === part.grain && last.to === part.from;
      if (follows) parts[parts.length - 1] = { ...last, to: part.to };
      else parts.push(part);
    }
  }
  const isGone = ({ grain, from }: UsagePart): boolean => grain === 'call' && from < kept.call;
  if (!parts.some(isGone)) return { parts, isExact: true };
  return { parts: parts.flatMap((part) => (isGone(part) ? standIn(part, kept) : [part])), isExact: false };
}

/** When the week begins to which sums by week count a time. */
export function weekOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / SIZE_MS.week) * SIZE_MS.week);
}

function periodsBetween(boundaries: readonly Date[]): UsagePeriod[] {
  return boundaries.slice(1).flatMap((to, index) => {
    const from = boundaries[index];
    return from === undefined ? [] : [{ from, to }];
  });
}

function cut(from: number, to: number, grains: readonly UsageGrain[], kept: UsageKept, noneSince: number): UsagePart[] {
  if (from >= to) return [];
  const [grain, ...finer] = grains;
  if (grain === undefined) return [{ grain: 'call', from, to }];
  const size = SIZE_MS[grain];
  const first = Math.ceil(Math.max(from, kept[grain]) / size) * size;
  const end = (to >= noneSince ? Math.ceil(to / size) : Math.floor(to / size)) * size;
  if (!(first < end)) return cut(from, to, finer, kept, noneSince);
  return [
    ...cut(from, first, finer, kept, noneSince),
    { grain, from: first, to: end },
    ...cut(end, to, finer, kept, noneSince),
  ];
}

/** What stands in for calls that are gone: the smallest sums of that time, each where it begins. */
function standIn({ from, to }: UsagePart, kept: UsageKept): UsagePart[] {
  const end = Math.min(to, kept.call);
  const rest: UsagePart[] = end < to ? [{ grain: 'call', from: end, to }] : [];
  const grains: readonly UsageGrain[] = ['minute', 'hour', 'day', 'week'];
  const grain = grains.find((each) => kept[each] <= from);
  if (grain === undefined) return rest;
  const size = SIZE_MS[grain];
  const [first, last] = [Math.ceil(from / size) * size, Math.ceil(end / size) * size];
  return first < last ? [{ grain, from: first, to: last }, ...rest] : rest;
}
