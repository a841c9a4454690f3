import { Controller, Get, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { Clock } from '#libs/clock';
import { type Page, PageOf, Returns } from '#libs/http';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { Consumption } from './consumption.js';
import { KeyReports } from './key-reports.read-model.js';
import { PermissionUse } from './permission-use.js';
import { TimeZone } from './time-zone.js';
import {
  ConsumptionQuery,
  ConsumptionView,
  KeyReportQuery,
  PermissionUseView,
  ReportedKeyView,
} from './usage-reports.dto.js';
import { UsageSelector, visibleOrganization } from './usage-selector.js';

const DAY_MS = 86_400_000;

/** What is worth a look, within the caller's organization. */
@Controller('admin/analytics/reports')
export class UsageReportsController {
  constructor(
    private readonly keys: KeyReports,
    private readonly use: PermissionUse,
    private readonly consumption: Consumption,
    private readonly selector: UsageSelector,
    private readonly clock: Clock,
  ) {}

  /** Lists keys that work and have not been used for so many days, or never since then. */
  @Get('unused-keys')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, PageOf(ReportedKeyView))
  listUnusedKeys(
    @CurrentPrincipal() principal: Principal,
    @Query() query: KeyReportQuery,
  ): Promise<Page<ReportedKeyView>> {
    return this.list(principal, 'unused', query);
  }

  /** Lists keys that work and expire within so many days, the next to expire first. */
  @Get('expiring-keys')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, PageOf(ReportedKeyView))
  listExpiringKeys(
    @CurrentPrincipal() principal: Principal,
    @Query() query: KeyReportQuery,
  ): Promise<Page<ReportedKeyView>> {
    return this.list(principal, 'expiring', query);
  }

  /**
   * Lists keys that work and hold permissions that they have not used for so many days, with the smaller grant that would
   * have done. Keys that used all of theirs are left out, so that a page may hold fewer than `limit`.
   */
  @Get('unused-permissions')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, PageOf(PermissionUseView))
  async listUnusedPermissions(
    @CurrentPrincipal() principal: Principal,
    @Query() query: KeyReportQuery,
  ): Promise<Page<PermissionUseView>> {
    const organizationId = visibleOrganization(principal, query.organizationId);
    const { items: keys, next } = await this.keys.page(principal, 'working', organizationId, query);
    const to = new Date(this.clock.now().getTime() + 1000);
    const period = { from: new Date(to.getTime() - query.days * DAY_MS), to };
    const items: PermissionUseView[] = [];
    for (const key of keys) items.push(await this.use.of(key, period));
    return { items: items.filter(({ unused }) => unused.length > 0), next };
  }

  /** Sums up what organizations consumed in a period, by the subscription tier of their users. */
  @Get('consumption')
  @RequirePermissions(AnalyticsPermissions.read)
  @Returns(200, ConsumptionView)
  sumUpConsumption(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ConsumptionQuery,
  ): Promise<ConsumptionView> {
    const organizationId = visibleOrganization(principal, query.organizationId);
    const period = this.selector.period(query, new TimeZone(query.zone));
    return this.consumption.of(principal, period, organizationId, query.limit);
  }

  private async list(
    principal: Principal,
    kind: 'unused' | 'expiring',
    query: KeyReportQuery,
  ): Promise<Page<ReportedKeyView>> {
    const organizationId = visibleOrganization(principal, query.organizationId);
    const { items, next } = await this.keys.page(principal, kind, organizationId, query);
    return { items: items.map((key) => ReportedKeyView.of(key)), next };
  }
}
