import { Controller, Get } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { MayFailWith, Returns } from '#libs/http';
import { DiagnosticsService } from './diagnostics.service.js';
import { MonitoringPermissions, SystemPermissions } from './health.permissions.js';
import { SystemProblems } from './health.problems.js';
import { DiagnosticsView, SystemView } from './system.dto.js';
import { SystemService } from './system.service.js';

@Controller('admin/system')
export class SystemController {
  constructor(
    private readonly system: SystemService,
    private readonly diagnostics: DiagnosticsService,
  ) {}

  /** Tells what this installation is and how much it holds. */
  @Get()
  @RequirePermissions(SystemPermissions.read)
  @Returns(200, SystemView)
  readSystem(@CurrentPrincipal() principal: Principal): Promise<SystemView> {
    return this.system.describe(principal);
  }

  /** Shows the inside of the replica that answers: probes, pools, queues, last errors, configuration without secrets. */
  @Get('diagnostics')
  @RequirePermissions(MonitoringPermissions.diagnose)
  @Returns(200, DiagnosticsView)
  @MayFailWith(SystemProblems.installationOnly)
  readDiagnostics(@CurrentPrincipal() principal: Principal): Promise<DiagnosticsView> {
    return this.diagnostics.gather(principal);
  }
}
