import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { MayFailWith, type Page, PageOf, RequestProblems, Returns, ReturnsDownload } from '#libs/http';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditExport } from './audit-export.js';
import { AuditVerification } from './audit-verification.js';
import {
  AuditEventView,
  AuditExportQuery,
  AuditLogQuery,
  AuditVerificationQuery,
  AuditVerificationView,
} from './audit.dto.js';
import { LogPermissions } from './audit.permissions.js';

@Controller('admin/logs')
export class AuditController {
  constructor(
    private readonly events: AuditEventRepository,
    private readonly exporter: AuditExport,
    private readonly verification: AuditVerification,
  ) {}

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

  /** Exports audit events as a file, oldest first. JSON lines can be verified by `keyward audit verify`. */
  @Get('export')
  @RequirePermissions(LogPermissions.export)
  @ReturnsDownload()
  exportLogs(@CurrentPrincipal() principal: Principal, @Query() query: AuditExportQuery): Promise<StreamableFile> {
    return this.exporter.file(principal, query);
  }

  /**
   * Verifies the chain of the audit log, as far as one call may take. A principal of one organization learns whether its
   * rows are as they were written, but not whether all are there: that only the whole chain tells.
   */
  @Get('verify')
  @RequirePermissions(LogPermissions.read)
  @Returns(200, AuditVerificationView)
  @MayFailWith(RequestProblems.invalidCursor)
  verifyLogs(
    @CurrentPrincipal() principal: Principal,
    @Query() query: AuditVerificationQuery,
  ): Promise<AuditVerificationView> {
    return this.verification.verify(principal, query);
  }
}
