import { Injectable } from '@nestjs/common';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import type { UsageFilter, UsagePeriod } from './usage-question.js';
import type { UsageSelection } from './usage-selector.js';
import { PreviousUsageView, type RouteUsageView, UsageChangesView, UsageSummaryView } from './usage-summary.dto.js';
import { sumsOf } from './usage.dto.js';

const TOP_ROUTES = 20;
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
/** There are fewer status codes than this. */
const ALL_CODES = 600;

/** Sums up a period and sets it beside the one before. */
@Injectable()
export class UsageSummaries {
  constructor(private readonly usage: UsageAggregates) {}

  /** All of it is of one moment. */
  summarize({ period, filter }: UsageSelection): Promise<UsageSummaryView> {
    return this.usage.atOneMoment(async () => {
      const now = await this.sumUp(period, filter);
      const previous = await this.sumUp(periodBefore(period), filter);
      return Object.assign(new UsageSummaryView(), now, {
        byStatus: await this.byStatus(period, filter),
        topRoutes: await this.topRoutes(period, filter),
        previous,
        changes: changes(previous, now),
      });
    });
  }

  private async sumUp(period: UsagePeriod, filter: UsageFilter): Promise<PreviousUsageView> {
    const sums = sumsOf(await this.usage.totals(period, filter));
    const errorShare = sums.calls === 0 ? 0 : sums.errors / sums.calls;
    const activeKeys = await this.usage.activeKeys(period, filter);
    return Object.assign(new PreviousUsageView(), period, sums, { errorShare, activeKeys });
  }

  private async byStatus(period: UsagePeriod, filter: UsageFilter): Promise<Record<string, number>> {
    const groups = await this.usage.ranked(period, filter, 'status', { limit: ALL_CODES, order: 'calls' });
    return Object.fromEntries(groups.map(({ value, calls }) => [value, calls]));
  }

  private async topRoutes(period: UsagePeriod, filter: UsageFilter): Promise<RouteUsageView[]> {
    const groups = await this.usage.ranked(period, filter, 'endpoint', { limit: TOP_ROUTES, order: 'calls' });
    return groups.map(({ value, method, calls }) => ({ method: method ?? '', route: value, calls }));
  }
}

/** As long as the period, but for one that would begin before time can be written. */
function periodBefore({ from, to }: UsagePeriod): UsagePeriod {
  return { from: new Date(Math.max(EARLIEST, 2 * from.getTime() - to.getTime())), to: from };
}

function changes(before: PreviousUsageView, now: PreviousUsageView): UsageChangesView {
  return Object.assign(new UsageChangesView(), {
    calls: change(before.calls, now.calls),
    errors: change(before.errors, now.errors),
    activeKeys: change(before.activeKeys, now.activeKeys),
    bytes: change(before.bytes, now.bytes),
    p50: change(before.latencyMs.p50, now.latencyMs.p50),
    p95: change(before.latencyMs.p95, now.latencyMs.p95),
    p99: change(before.latencyMs.p99, now.latencyMs.p99),
    errorShare: now.errorShare - before.errorShare,
  });
}

function change(before: number | null, now: number | null): number | null {
  return before === null || before === 0 || now === null ? null : now / before - 1;
}
