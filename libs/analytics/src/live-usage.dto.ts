import { IsId, Optional } from '#libs/http';
import type { LiveSums } from './live-sums.js';
import { LatencyView } from './usage.dto.js';

const TOP_KEYS = 10;

export class LiveUsageQuery {
  /** Only the calls of this organization. */
  @Optional()
  @IsId()
  organizationId?: string;
}

export class LiveKeyView {
  keyId: string;
  calls: number;
}

/** The calls that were recorded since the event before, over all replicas. */
export class LiveUsageView {
  at: Date;
  calls: number;
  callsPerSecond: number;
  /** Calls answered 4xx or 5xx. */
  errors: number;
  clientErrors: number;
  serverErrors: number;
  latencyMs: LatencyView;
  /** The ten keys with most calls. */
  topKeys: LiveKeyView[];
  /** False while this replica cannot hear the others: the numbers are too small then. */
  isComplete: boolean;

  static of(sums: LiveSums, seconds: number, isComplete: boolean): LiveUsageView {
    const { calls, clientErrors, serverErrors, latency } = sums;
    return Object.assign(new LiveUsageView(), {
      at: new Date(),
      calls,
      callsPerSecond: Math.round((calls / seconds) * 10) / 10,
      errors: clientErrors + serverErrors,
      clientErrors,
      serverErrors,
      latencyMs: LatencyView.of(latency),
      topKeys: sums.topKeys(TOP_KEYS).map(([keyId, count]) => ({ keyId, calls: count })),
      isComplete,
    });
  }
}
