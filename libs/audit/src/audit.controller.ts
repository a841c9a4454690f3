import { Controller, Get, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { type Page, PageOf, Returns } from '#libs/http';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditEventView, AuditLogQuery } from './audit.dto.js';
import { LogPermissions } from './audit.permissions.js';

@Controller('admin/logs')
export class AuditController {
  constructor(private readonly events: AuditEventRepository) {}

  /** Lists audit events, newest first. */
  @Get()
  @RequirePermissions(LogPermissions.read)
  @Returns(200, PageOf(AuditEventView))
  async listLogs(
    @CurrentPrincipal() principal: Principal,
    @Query() query: AuditLogQuery,
  ): Promise<Page<AuditEventView>> {
    const { items, next } = await this.events.page(principal, query);
    return { items: items.map((event) => AuditEventView.of(event)), next };
  }
}
