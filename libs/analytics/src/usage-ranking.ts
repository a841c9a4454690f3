import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import { UsageNames } from './usage-names.read-model.js';
import type { UsageRankingQuery } from './usage-query.dto.js';
import { RankedUsageView, UsageRankingView } from './usage-ranking.dto.js';
import type { UsageSelection } from './usage-selector.js';
import { sumsOf } from './usage.dto.js';

/** Who and what comes first. */
@Injectable()
export class UsageRankings {
  constructor(
    private readonly usage: UsageAggregates,
    private readonly names: UsageNames,
  ) {}

  async rank(
    principal: Principal,
    { period, filter }: UsageSelection,
    { by, order, limit }: UsageRankingQuery,
  ): Promise<UsageRankingView> {
    const groups = await this.usage.grouped(period, filter, by, { limit, order });
    const names = await this.names.name(principal, by, groups);
    const items = groups.map((totals, at) =>
      Object.assign(new RankedUsageView(), { group: names[at] }, sumsOf(totals), {
        meanMs: totals.durationUs / totals.calls / 1000,
      }),
    );
    return Object.assign(new UsageRankingView(), { ...period, by, order, items });
  }
}
