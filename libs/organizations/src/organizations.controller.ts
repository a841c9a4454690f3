import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { OrganizationRepository } from './organization.repository.js';
import {
  ChangeOrganizationRequest,
  CreateOrganizationRequest,
  OrganizationListQuery,
  OrganizationView,
} from './organizations.dto.js';
import { OrganizationPermissions } from './organizations.permissions.js';
import { OrganizationProblems } from './organizations.problems.js';
import { OrganizationsService } from './organizations.service.js';

@Controller('admin/organizations')
export class OrganizationsController {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly service: OrganizationsService,
  ) {}

  /** Creates an organization. */
  @Post()
  @RequirePermissions(OrganizationPermissions.manage)
  @Returns(201, OrganizationView)
  @MayFailWith(OrganizationProblems.slugTaken, OrganizationProblems.installationOnly)
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body() request: CreateOrganizationRequest,
  ): Promise<OrganizationView> {
    return OrganizationView.of(await this.service.create(principal, request));
  }

  /** Lists organizations, newest first; whoever is of one organization sees that one. */
  @Get()
  @RequirePermissions(OrganizationPermissions.read)
  @Returns(200, PageOf(OrganizationView))
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: OrganizationListQuery,
  ): Promise<Page<OrganizationView>> {
    const { items, next } = await this.organizations.page(principal, query);
    return { items: items.map((organization) => OrganizationView.of(organization)), next };
  }

  /** Reads an organization. */
  @Get(':id')
  @RequirePermissions(OrganizationPermissions.read)
  @Returns(200, OrganizationView)
  @MayFailWith(RequestProblems.notFound)
  async read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<OrganizationView> {
    return OrganizationView.of(await this.organizations.get(principal, id));
  }

  /** Renames, suspends or resumes an organization; absent fields stay. */
  @Patch(':id')
  @RequirePermissions(OrganizationPermissions.manage)
  @Returns(200, OrganizationView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, OrganizationProblems.installationOnly, AdministratorProblems.required)
  async change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeOrganizationRequest,
  ): Promise<OrganizationView> {
    return OrganizationView.of(await this.service.change(principal, id, request));
  }

  /** Deletes an organization that has neither users nor keys nor roles. */
  @Delete(':id')
  @RequirePermissions(OrganizationPermissions.manage)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, OrganizationProblems.notEmpty, OrganizationProblems.installationOnly)
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.service.remove(principal, id);
  }
}
