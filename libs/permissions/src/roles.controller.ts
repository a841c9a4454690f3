import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { AccessProblems, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { RoleProblems } from './permissions.problems.js';
import { GrantPermissions, RolePermissions } from './permissions.permissions.js';
import { RoleRepository } from './role.repository.js';
import { ChangeRoleRequest, CreateRoleRequest, DeleteRoleQuery, RoleListQuery, RoleView } from './roles.dto.js';
import { RolesService } from './roles.service.js';

@Controller('admin/roles')
export class RolesController {
  constructor(
    private readonly roles: RoleRepository,
    private readonly service: RolesService,
  ) {}

  /** Creates a role. */
  @Post()
  @RequirePermissions(RolePermissions.manage)
  @Returns(201, RoleView)
  @MayFailWith(RoleProblems.nameTaken, AccessProblems.unknown)
  async create(@CurrentPrincipal() principal: Principal, @Body() request: CreateRoleRequest): Promise<RoleView> {
    return RoleView.of(await this.service.create(principal, request));
  }

  /** Lists roles by name: those of one’s organization and those offered to all. */
  @Get()
  @RequirePermissions(GrantPermissions.read)
  @Returns(200, PageOf(RoleView))
  async list(@CurrentPrincipal() principal: Principal, @Query() query: RoleListQuery): Promise<Page<RoleView>> {
    const { items, next } = await this.roles.page(principal, query);
    return { items: items.map((role) => RoleView.of(role)), next };
  }

  /** Reads a role. */
  @Get(':id')
  @RequirePermissions(GrantPermissions.read)
  @Returns(200, RoleView)
  @MayFailWith(RequestProblems.notFound)
  async read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<RoleView> {
    return RoleView.of(await this.roles.get(principal, id));
  }

  /** Changes what a role grants; in force at once for all who have it. */
  @Patch(':id')
  @RequirePermissions(RolePermissions.manage)
  @Returns(200, RoleView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, RoleProblems.builtIn, AccessProblems.unknown)
  async change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeRoleRequest,
  ): Promise<RoleView> {
    return RoleView.of(await this.service.change(principal, id, request));
  }

  /** Deletes a role that nobody has; with `withdraw=true` also one that is in use. */
  @Delete(':id')
  @RequirePermissions(RolePermissions.manage)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, RoleProblems.builtIn, RoleProblems.inUse)
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string, @Query() query: DeleteRoleQuery): Promise<void> {
    return this.service.remove(principal, id, query.withdraw === 'true');
  }
}
