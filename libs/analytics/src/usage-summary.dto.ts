import { UsageSumsView } from './usage.dto.js';

/** How many calls one route received. */
export class RouteUsageView {
  method: string;
  /** Null: no route matched. */
  route: string | null;
  calls: number;
}

/** Calls of the period of equal length right before. */
export class PreviousUsageView extends UsageSumsView {
  from: Date;
  to: Date;
  /** Errors divided by calls; 0 without calls. */
  errorShare: number;
  /** Keys that made at least one call. */
  activeKeys: number;
}

/** By how much a period differs from the one before, relative to that: 0.25 is a quarter more; null where that had none. */
export class UsageChangesView {
  calls: number | null;
  errors: number | null;
  activeKeys: number | null;
  bytes: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** The difference of the shares: 0.01 is one call in a hundred more. */
  errorShare: number;
}

/** Calls of a period. */
export class UsageSummaryView extends PreviousUsageView {
  /** Calls by status code. @example { "200": 120, "403": 2 } */
  byStatus: Record<string, number>;
  /** The twenty routes called most. */
  topRoutes: RouteUsageView[];
  previous: PreviousUsageView;
  changes: UsageChangesView;
}

/** Calls of one key. */
export class KeyUsageView extends UsageSummaryView {
  keyId: string;
  lastUsedAt: Date | null;
}
