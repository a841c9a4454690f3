import { UsageGroupView } from './usage-series.dto.js';
import { UsageSumsView } from './usage.dto.js';

/** Calls of one group. */
export class RankedUsageView extends UsageSumsView {
  group: UsageGroupView;
  /** Mean milliseconds of a call. */
  meanMs: number;
}

/** The groups with most of something. */
export class UsageRankingView {
  from: Date;
  to: Date;
  by: string;
  order: string;
  items: RankedUsageView[];
}
