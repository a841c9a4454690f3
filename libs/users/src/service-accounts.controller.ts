import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { RoleProblems } from '#libs/permissions';
import {
  ChangeServiceAccountRequest,
  CreateServiceAccountRequest,
  ServiceAccountListQuery,
  ServiceAccountView,
} from './service-accounts.dto.js';
import { ServiceAccountsService } from './service-accounts.service.js';
import { UserPermissions } from './users.permissions.js';

@Controller('admin/service-accounts')
export class ServiceAccountsController {
  constructor(private readonly accounts: ServiceAccountsService) {}

  /**
   * Creates a service account. It is a user without a person: its keys are issued by `POST /admin/users/{id}/api-keys`,
   * and it is locked and given roles below `/admin/users/{id}` with the same id. It stays when whoever made it goes.
   */
  @Post()
  @RequirePermissions(UserPermissions.create)
  @Returns(201, ServiceAccountView)
  @MayFailWith(RoleProblems.unknown)
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() request: CreateServiceAccountRequest,
  ): Promise<ServiceAccountView> {
    return this.accounts.create(principal, request);
  }

  /** Lists service accounts, newest first. */
  @Get()
  @RequirePermissions(UserPermissions.read)
  @Returns(200, PageOf(ServiceAccountView))
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ServiceAccountListQuery,
  ): Promise<Page<ServiceAccountView>> {
    return this.accounts.list(principal, query);
  }

  /** Reads a service account. */
  @Get(':id')
  @RequirePermissions(UserPermissions.read)
  @Returns(200, ServiceAccountView)
  @MayFailWith(RequestProblems.notFound)
  read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<ServiceAccountView> {
    return this.accounts.read(principal, id);
  }

  /** Renames a service account. */
  @Patch(':id')
  @RequirePermissions(UserPermissions.update)
  @Returns(200, ServiceAccountView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound)
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeServiceAccountRequest,
  ): Promise<ServiceAccountView> {
    return this.accounts.change(principal, id, request);
  }

  /** Deletes a service account and revokes all its keys. */
  @Delete(':id')
  @RequirePermissions(UserPermissions.delete)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound)
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.accounts.remove(principal, id);
  }
}
