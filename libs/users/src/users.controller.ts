import { Body, Controller, Delete, Get, Patch, Post, Put, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems, GrantPermissions, RoleProblems } from '#libs/permissions';
import { UserRegistrar } from './user-registrar.js';
import { UserRoles } from './user-roles.js';
import {
  AssignRolesRequest,
  ChangeUserRequest,
  CreateUserRequest,
  LockUserRequest,
  UserListQuery,
  UserView,
} from './users.dto.js';
import { UserPermissions } from './users.permissions.js';
import { UserProblems } from './users.problems.js';
import { UsersService } from './users.service.js';

@Controller('admin/users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly registrar: UserRegistrar,
    private readonly roles: UserRoles,
  ) {}

  /** Creates a user with roles. */
  @Post()
  @RequirePermissions(UserPermissions.create)
  @Returns(201, UserView)
  @MayFailWith(UserProblems.emailTaken, RoleProblems.unknown)
  async create(@CurrentPrincipal() principal: Principal, @Body() request: CreateUserRequest): Promise<UserView> {
    return this.users.view(await this.registrar.register(principal, request));
  }

  /** Lists users, newest first; search finds parts of e-mail address and name. */
  @Get()
  @RequirePermissions(UserPermissions.read)
  @Returns(200, PageOf(UserView))
  list(@CurrentPrincipal() principal: Principal, @Query() query: UserListQuery): Promise<Page<UserView>> {
    return this.users.list(principal, query);
  }

  /** Reads a user. */
  @Get(':id')
  @RequirePermissions(UserPermissions.read)
  @Returns(200, UserView)
  @MayFailWith(RequestProblems.notFound)
  read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<UserView> {
    return this.users.read(principal, id);
  }

  /** Changes a user; absent fields stay, null clears. */
  @Patch(':id')
  @RequirePermissions(UserPermissions.update)
  @Returns(200, UserView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, UserProblems.emailTaken)
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeUserRequest,
  ): Promise<UserView> {
    return this.users.change(principal, id, request);
  }

  /** Deletes a user and revokes all their keys. */
  @Delete(':id')
  @RequirePermissions(UserPermissions.delete)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required)
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.users.remove(principal, id);
  }

  /** Locks an account: its keys are refused with account.locked until it is unlocked or the lock ends. */
  @Post(':id/lock')
  @RequirePermissions(UserPermissions.lock)
  @Returns(200, UserView)
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required)
  lock(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: LockUserRequest,
  ): Promise<UserView> {
    return this.users.lock(principal, id, request);
  }

  /** Unlocks an account. */
  @Post(':id/unlock')
  @RequirePermissions(UserPermissions.lock)
  @Returns(200, UserView)
  @MayFailWith(RequestProblems.notFound)
  unlock(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<UserView> {
    return this.users.unlock(principal, id);
  }

  /** Replaces the roles of a user. */
  @Put(':id/roles')
  @RequirePermissions(GrantPermissions.assign)
  @Returns(200, UserView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, RoleProblems.unknown, AdministratorProblems.required)
  async assignRoles(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: AssignRolesRequest,
  ): Promise<UserView> {
    return this.users.view(await this.roles.replace(principal, id, request.roles));
  }
}
