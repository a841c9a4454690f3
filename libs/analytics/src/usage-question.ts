import type { LatencyBin } from './latency-histogram.js';

/** Which time a question is about, half-open: from <= call < to. */
export interface UsagePeriod {
  readonly from: Date;
  readonly to: Date;
}

/** Status codes from `lowest` to `highest`, both included: 404..404 for one code, 400..499 for a class. */
export interface StatusRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Which calls a question is about; null members do not narrow. */
export interface UsageFilter {
  readonly organizationId: string | null;
  readonly userId: string | null;
  readonly keyId: string | null;
  /** The template, such as `/api/v1/users/:id`. */
  readonly route: string | null;
  readonly method: string | null;
  readonly status: StatusRange | null;
  /** That of the key. */
  readonly environment: string | null;
}

export const everyCall: UsageFilter = {
  organizationId: null,
  userId: null,
  keyId: null,
  route: null,
  method: null,
  status: null,
  environment: null,
};

export const usageDimensions = ['organization', 'user', 'key', 'route', 'method', 'status', 'environment'] as const;
export type UsageDimension = (typeof usageDimensions)[number];

/** What calls may be grouped by; an endpoint is a method and a route. */
export type UsageGrouping = UsageDimension | 'endpoint';

/** Which groups come first: those with most calls, most errors, the longest mean duration, most bytes. */
export const groupOrders = ['calls', 'errors', 'latency', 'bytes'] as const;
export type GroupOrder = (typeof groupOrders)[number];

/** How long calls took. */
export interface LatencyDistribution {
  /** Microseconds within which the share `q` (0 to 1) of the calls was answered; null without calls. */
  percentile(q: number): number | null;
  /** In ascending order, without those that are empty. */
  readonly bins: readonly LatencyBin[];
}

/** Sums over calls. */
export interface UsageTotals {
  readonly calls: number;
  /** Answered 4xx. */
  readonly clientErrors: number;
  /** Answered 5xx. */
  readonly serverErrors: number;
  /** Bytes of the answers' bodies. */
  readonly bytes: number;
  /** Microseconds, of all calls together. */
  readonly durationUs: number;
  readonly latency: LatencyDistribution;
  /** Present where calls are kept no more: at the ends of the period whole minutes, hours or days count where they begin. */
  readonly isExact?: false;
}

/** One value of what calls are grouped by; null where calls have none, such as those without a key. */
export interface UsageGroupValue {
  /** An id, a route, a method, a code or an environment. */
  readonly value: string | null;
  /** Of an endpoint, whose route is the value; null for every other grouping. */
  readonly method: string | null;
}

/** The calls of one group. */
export interface GroupTotals extends UsageTotals, UsageGroupValue {}

/** The calls of one group in one step; a step without calls has no row. */
export interface SeriesRow extends GroupTotals {
  /** From the boundary of this index to the next one. */
  readonly step: number;
}
