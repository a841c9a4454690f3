import { UsageSumsView } from './usage.dto.js';

/** What calls are grouped by, in one of its values. */
export class UsageGroupView {
  /** The id, the route, the method, the code or the environment; null for calls that have none, such as those without a key. */
  value: string | null;
  /** Of an endpoint; null for everything else. */
  method: string | null;
  /** A key’s name, a user’s e-mail address, an organization’s slug; null where there is none or you may not see it. */
  name: string | null;
  /** A key up to its secret. */
  start: string | null;
}

/** Calls of one step. */
export class UsagePointView extends UsageSumsView {
  /** The beginning of the step; it ends where the next one begins, the last one at `to`. */
  at: Date;
}

/** Calls step by step; every step is there, also without calls. */
export class UsageLineView {
  /** Null for the calls that belong to none of the groups shown, and where nothing is grouped. */
  group: UsageGroupView | null;
  calls: number;
  points: UsagePointView[];
}

/** Calls of a period, step by step. */
export class UsageSeriesView {
  from: Date;
  to: Date;
  zone: string;
  step: 'minute' | 'hour' | 'day';
  groupBy: string | null;
  /** False where calls are kept no more: whole minutes, hours or days count in the step in which they begin. Absent: exact. */
  isExact?: false;
  /** With `groupBy` the groups with most calls, then what is left, whose latency is not known; else one. */
  series: UsageLineView[];
}
