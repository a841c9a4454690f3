import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { ReturnsDownload } from '#libs/http';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { UsageExport } from './usage-export.js';
import { UsageExportQuery } from './usage-query.dto.js';
import { UsageSelector } from './usage-selector.js';

/** Usage records as they are. */
@Controller('admin/analytics')
export class UsageExportController {
  constructor(
    private readonly selector: UsageSelector,
    private readonly exports: UsageExport,
  ) {}

  /**
   * Exports the records of a period as CSV or JSON lines, oldest first, however many there are. An export that was cut off
   * goes on with the `position` of its last whole row as `after`.
   */
  @Get('export')
  @RequirePermissions(AnalyticsPermissions.export)
  @ReturnsDownload()
  exportUsage(@CurrentPrincipal() principal: Principal, @Query() query: UsageExportQuery): Promise<StreamableFile> {
    return this.exports.file(this.selector.within(principal, query), query);
  }
}
