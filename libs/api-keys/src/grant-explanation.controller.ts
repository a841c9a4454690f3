import { Controller, Get, Query } from '@nestjs/common';
import { AccessProblems, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { MayFailWith, RequestProblems, Returns } from '#libs/http';
import { GrantPermissions } from '#libs/permissions';
import { ExplainPermissionQuery, GrantExplanationView } from './grant-explanation.dto.js';
import { GrantExplanation } from './grant-explanation.service.js';

@Controller('admin/permissions/explain')
export class GrantExplanationController {
  constructor(private readonly explanation: GrantExplanation) {}

  /** Explains why a key has a permission, or what it would need to have it. */
  @Get()
  @RequirePermissions(GrantPermissions.read)
  @Returns(200, GrantExplanationView)
  @MayFailWith(RequestProblems.notFound, AccessProblems.unknown)
  explainPermission(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ExplainPermissionQuery,
  ): Promise<GrantExplanationView> {
    return this.explanation.explain(principal, query);
  }
}
