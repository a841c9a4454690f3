import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import {
  AccessProblems,
  CurrentPrincipal,
  PermissionCatalogue,
  type Principal,
  RequirePermissions,
} from '#libs/access';
import { MayFailWith, RequestProblems, Returns } from '#libs/http';
import { GrantsView, GrantTarget } from './grants.dto.js';
import { GrantsService } from './grants.service.js';
import { GrantProblems, RoleProblems } from './permissions.problems.js';
import { PermissionCatalogueView } from './permissions.dto.js';
import { GrantPermissions } from './permissions.permissions.js';

@Controller('admin/permissions')
export class PermissionsController {
  constructor(
    private readonly catalogue: PermissionCatalogue,
    private readonly grants: GrantsService,
  ) {}

  /** Grants permissions to a role, a user or a key; in force at once. */
  @Post()
  @RequirePermissions(GrantPermissions.assign)
  @Returns(200, GrantsView)
  @MayFailWith(RequestProblems.notFound, AccessProblems.unknown, RoleProblems.builtIn)
  assign(@CurrentPrincipal() principal: Principal, @Body() target: GrantTarget): Promise<GrantsView> {
    return this.grants.assign(principal, target);
  }

  /** Takes permissions from a role, a user or a key; in force at once. What to take may stand in the query or the body. */
  @Delete()
  @RequirePermissions(GrantPermissions.revoke)
  @Returns(204)
  @MayFailWith(RequestProblems.notFound, AccessProblems.unknown, RoleProblems.builtIn, GrantProblems.stillGranted)
  async withdraw(
    @CurrentPrincipal() principal: Principal,
    @Query() query: GrantTarget,
    @Body() body: GrantTarget,
  ): Promise<void> {
    await this.grants.withdraw(principal, Object.assign(new GrantTarget(), query, body));
  }

  /** Lists every permission by category. */
  @Get()
  @RequirePermissions(GrantPermissions.read)
  @Returns(200, PermissionCatalogueView)
  list(): PermissionCatalogueView {
    const all = this.catalogue.all().toSorted((a, b) => a.name.localeCompare(b.name));
    const categories = [...new Set(all.map(({ category }) => category))].toSorted().map((category) => ({
      category,
      permissions: all
        .filter((permission) => permission.category === category)
        .map(({ name, description }) => ({ name, description })),
    }));
    return { categories, total: all.length };
  }
}
