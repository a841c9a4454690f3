import { Controller, Get, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { ApiKeyPermissions } from '#libs/api-keys';
import { Id, MayFailWith, RequestProblems, Returns } from '#libs/http';
import { KeyUsageView, UsagePeriodQuery, UsageSummaryQuery, UsageSummaryView } from './analytics.dto.js';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { AnalyticsService } from './analytics.service.js';

@Controller()
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  /** Sums up the calls of a period; by default the last 24 hours. */
  @Get('admin/analytics')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, UsageSummaryView)
  summarizeUsage(
    @CurrentPrincipal() principal: Principal,
    @Query() query: UsageSummaryQuery,
  ): Promise<UsageSummaryView> {
    return this.analytics.summary(principal, query);
  }

  /** Sums up the calls with one of one’s own keys. */
  @Get('api-keys/:id/usage')
  @RequirePermissions(ApiKeyPermissions.read)
  @Returns(200, KeyUsageView)
  @MayFailWith(RequestProblems.notFound)
  readKeyUsage(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query() query: UsagePeriodQuery,
  ): Promise<KeyUsageView> {
    return this.analytics.ofKey(principal, 'own', id, query);
  }
}
