import { IsUUID } from 'class-validator';
import { IsTime, Optional } from '#libs/http';

export class UsagePeriodQuery {
  /** Calls at or after this time; absent: 24 hours before `to`. */
  @Optional()
  @IsTime()
  from?: string;

  /** Calls before this time; absent: now. */
  @Optional()
  @IsTime()
  to?: string;
}

export class UsageSummaryQuery extends UsagePeriodQuery {
  @Optional()
  @IsUUID()
  keyId?: string;

  @Optional()
  @IsUUID()
  userId?: string;

  @Optional()
  @IsUUID()
  organizationId?: string;
}

/** Milliseconds within which a share of the calls was answered; null when there were none. */
export class LatencyView {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** How many calls one route received. */
export class RouteUsageView {
  method: string;
  /** Null: no route matched. */
  route: string | null;
  calls: number;
}

/** Calls of a period. */
export class UsageSummaryView {
  from: Date;
  to: Date;
  calls: number;
  /** Calls answered 4xx or 5xx. */
  errors: number;
  clientErrors: number;
  serverErrors: number;
  /** Errors divided by calls; 0 without calls. */
  errorShare: number;
  /** Keys that made at least one call. */
  activeKeys: number;
  /** Calls by status code. @example { "200": 120, "403": 2 } */
  byStatus: Record<string, number>;
  /** The twenty routes called most. */
  topRoutes: RouteUsageView[];
  latencyMs: LatencyView;
}

/** Calls of one key. */
export class KeyUsageView extends UsageSummaryView {
  keyId: string;
  lastUsedAt: Date | null;
}
