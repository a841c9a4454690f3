import { Controller, Get, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { Returns } from '#libs/http';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { UsageLatencyView } from './usage-latency.dto.js';
import { UsageLatency } from './usage-latency.js';
import { UsageLatencyQuery, UsageQuery, UsageRankingQuery, UsageSeriesQuery } from './usage-query.dto.js';
import { UsageRankingView } from './usage-ranking.dto.js';
import { UsageRankings } from './usage-ranking.js';
import { UsageSelector } from './usage-selector.js';
import { UsageSeriesView } from './usage-series.dto.js';
import { UsageSeries } from './usage-series.js';
import { UsageSummaries } from './usage-summaries.js';
import { UsageSummaryView } from './usage-summary.dto.js';

/** Questions about everybody's calls, within the caller's organization. */
@Controller('admin/analytics')
export class AnalyticsController {
  constructor(
    private readonly selector: UsageSelector,
    private readonly summaries: UsageSummaries,
    private readonly series: UsageSeries,
    private readonly rankings: UsageRankings,
    private readonly latency: UsageLatency,
  ) {}

  /** Sums up the calls of a period, beside the period before it; by default the last 24 hours. */
  @Get()
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, UsageSummaryView)
  summarizeUsage(@CurrentPrincipal() principal: Principal, @Query() query: UsageQuery): Promise<UsageSummaryView> {
    return this.summaries.summarize(this.selector.within(principal, query));
  }

  /** Counts the calls of a period step by step, of all or of each group. */
  @Get('requests')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, UsageSeriesView)
  traceUsage(@CurrentPrincipal() principal: Principal, @Query() query: UsageSeriesQuery): Promise<UsageSeriesView> {
    return this.series.trace(principal, this.selector.within(principal, query), query);
  }

  /** Ranks keys, users, organizations, endpoints or status codes by their calls. */
  @Get('top')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, UsageRankingView)
  rankUsage(@CurrentPrincipal() principal: Principal, @Query() query: UsageRankingQuery): Promise<UsageRankingView> {
    return this.rankings.rank(principal, this.selector.within(principal, query), query);
  }

  /** Tells how long calls took, over a period and step by step. */
  @Get('latency')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, UsageLatencyView)
  describeLatency(
    @CurrentPrincipal() principal: Principal,
    @Query() query: UsageLatencyQuery,
  ): Promise<UsageLatencyView> {
    return this.latency.describe(this.selector.within(principal, query), query);
  }
}
