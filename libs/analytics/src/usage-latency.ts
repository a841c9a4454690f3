import { Injectable } from '@nestjs/common';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import { DetailedLatencyView, LatencyBinView, LatencyPointView, UsageLatencyView } from './usage-latency.dto.js';
import type { UsageLatencyQuery } from './usage-query.dto.js';
import type { LatencyDistribution } from './usage-question.js';
import type { UsageSelection } from './usage-selector.js';
import { boundariesOf } from './usage-steps.js';
import { exactness, milliseconds } from './usage.dto.js';

/** How long calls took, over a period and step by step. */
@Injectable()
export class UsageLatency {
  constructor(private readonly usage: UsageAggregates) {}

  /** @throws Problem request.invalid when the period has too many steps */
  async describe({ period, filter, zone }: UsageSelection, { step }: UsageLatencyQuery): Promise<UsageLatencyView> {
    const boundaries = boundariesOf(period, step, zone);
    const { totals, steps } = await this.usage.atOneMoment(async () => ({
      totals: await this.usage.totals(period, filter),
      steps: await this.usage.series(boundaries, filter),
    }));
    const { calls, durationUs, latency } = totals;
    const rows = new Map(steps.rows.map((row) => [row.step, row]));
    const points = boundaries.slice(0, -1).map((at, index) => {
      const row = rows.get(index);
      return Object.assign(new LatencyPointView(), { at, calls: row?.calls ?? 0 }, detailed(row?.latency));
    });
    return Object.assign(new UsageLatencyView(), {
      ...period,
      zone: zone.name,
      step,
      calls,
      meanMs: calls === 0 ? null : durationUs / calls / 1000,
      latencyMs: detailed(latency),
      histogram: latency.bins.map(({ fromUs, toUs, calls: count }) =>
        Object.assign(new LatencyBinView(), { fromMs: fromUs / 1000, toMs: toUs / 1000, calls: count }),
      ),
      points,
      ...exactness([totals, steps]),
    });
  }
}

function detailed(latency: LatencyDistribution | undefined): DetailedLatencyView {
  const at = (q: number): number | null => milliseconds(latency?.percentile(q) ?? null);
  const view = { p50: at(0.5), p75: at(0.75), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
  return Object.assign(new DetailedLatencyView(), view);
}
