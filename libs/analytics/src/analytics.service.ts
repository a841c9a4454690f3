import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { ApiKeysService, type Reach } from '#libs/api-keys';
import { Clock } from '#libs/clock';
import { invalid } from '#libs/http';
import { KeyUsageView, type UsagePeriodQuery, UsageSummaryView, type UsageSummaryQuery } from './analytics.dto.js';
import { UsageReadModel, type UsageSelection } from './usage.read-model.js';

const DAY_MS = 86_400_000;

/** Answers questions about usage within the caller's scope. */
@Injectable()
export class AnalyticsService {
  constructor(
    private readonly usage: UsageReadModel,
    private readonly keys: ApiKeysService,
    private readonly clock: Clock,
  ) {}

  /** Another organization than one's own selects nothing unless one reaches over all. */
  summary(principal: Principal, query: UsageSummaryQuery): Promise<UsageSummaryView> {
    const asked = query.organizationId ?? null;
    const foreign = principal.scope !== null && asked !== null && asked !== principal.scope;
    return this.summarize(new UsageSummaryView(), {
      ...this.period(query),
      keyId: query.keyId ?? null,
      userId: query.userId ?? null,
      organizationId: foreign ? NOBODY : (principal.scope ?? asked),
    });
  }

  /** @throws Problem request.not_found when the key is not within reach */
  async ofKey(principal: Principal, reach: Reach, keyId: string, query: UsagePeriodQuery): Promise<KeyUsageView> {
    const { lastUsedAt } = await this.keys.read(principal, reach, keyId);
    const view = Object.assign(new KeyUsageView(), { keyId, lastUsedAt });
    return this.summarize(view, { ...this.period(query), keyId, userId: null, organizationId: null });
  }

  private async summarize<V extends UsageSummaryView>(view: V, selection: UsageSelection): Promise<V> {
    const totals = await this.usage.totals(selection);
    const errors = (totals?.client_errors ?? 0) + (totals?.server_errors ?? 0);
    const calls = totals?.calls ?? 0;
    return Object.assign(view, {
      from: selection.from,
      to: selection.to,
      calls,
      errors,
      clientErrors: totals?.client_errors ?? 0,
      serverErrors: totals?.server_errors ?? 0,
      errorShare: calls === 0 ? 0 : errors / calls,
      activeKeys: totals?.active_keys ?? 0,
      byStatus: await this.usage.byStatus(selection),
      topRoutes: await this.usage.topRoutes(selection),
      latencyMs: { p50: totals?.p50 ?? null, p95: totals?.p95 ?? null, p99: totals?.p99 ?? null },
    });
  }

  /** Calls of this very moment count: without an end the period reaches a little into the future. */
  private period({ from, to }: UsagePeriodQuery): { from: Date; to: Date } {
    const end = to === undefined ? new Date(this.clock.now().getTime() + 1000) : new Date(to);
    const start = from === undefined ? new Date(end.getTime() - DAY_MS) : new Date(from);
    if (start >= end) throw invalid([{ pointer: '/from', detail: 'must be before `to`' }]);
    return { from: start, to: end };
  }
}

/** The nil UUID (RFC 9562, 5.9), which no organization has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
