import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { AccessProblems, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { UserRepository } from '#libs/users';
import { ApiKeyIssuer } from './api-key.issuer.js';
import { ApiKeyView, IssuedApiKey } from './api-key-views.dto.js';
import {
  ApiKeyListQuery,
  ChangeApiKeyRequest,
  IssueApiKeyRequest,
  RevokeApiKeyQuery,
  RotateApiKeyRequest,
} from './api-keys.dto.js';
import { ApiKeyPermissions } from './api-keys.permissions.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { ApiKeysService } from './api-keys.service.js';
import { PolicyProblems } from './key-policies.problems.js';
import { KeyRotation } from './key-rotation.js';

/** Everybody's keys. */
@Controller('admin')
export class AdminApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly issuer: ApiKeyIssuer,
    private readonly rotation: KeyRotation,
    private readonly users: UserRepository,
  ) {}

  /** Issues a key for a user. The answer is the only time that the key is shown whole. */
  @Post('users/:id/api-keys')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(201, IssuedApiKey)
  @MayFailWith(RequestProblems.notFound, AccessProblems.unknown, PolicyProblems.violated)
  async issue(
    @CurrentPrincipal() principal: Principal,
    @Id() userId: string,
    @Body() request: IssueApiKeyRequest,
  ): Promise<IssuedApiKey> {
    const owner = await this.users.get(principal, userId);
    const { key, wholeKey } = await this.issuer.issue(principal, owner, request);
    return IssuedApiKey.issued(key, wholeKey, key.createdAt, `admin/api-keys/${key.id}`);
  }

  /** Lists everybody’s keys, newest first; search finds parts of name and description, and ids. */
  @Get('api-keys')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(200, PageOf(ApiKeyView))
  list(@CurrentPrincipal() principal: Principal, @Query() query: ApiKeyListQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(principal, 'all', query);
  }

  /** Reads a key. */
  @Get('api-keys/:id')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(200, ApiKeyView)
  @MayFailWith(RequestProblems.notFound)
  read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<ApiKeyView> {
    return this.keys.read(principal, 'all', id);
  }

  /** Changes, disables or enables a key; absent fields stay, null clears. */
  @Patch('api-keys/:id')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(200, ApiKeyView)
  @HonoursIfMatch()
  @MayFailWith(
    RequestProblems.notFound,
    AccessProblems.unknown,
    AdministratorProblems.required,
    PolicyProblems.violated,
  )
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeApiKeyRequest,
  ): Promise<ApiKeyView> {
    return this.keys.change(principal, 'all', id, request);
  }

  /** Revokes a key: it is refused from now on, for good. */
  @Delete('api-keys/:id')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required)
  revoke(@CurrentPrincipal() principal: Principal, @Id() id: string, @Query() query: RevokeApiKeyQuery): Promise<void> {
    return this.keys.revoke(principal, 'all', id, query.reason);
  }

  /** Replaces a key by one with a new secret; the old one works until the grace is over. */
  @Post('api-keys/:id/rotate')
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(201, IssuedApiKey)
  @MayFailWith(
    RequestProblems.notFound,
    ApiKeyProblems.alreadyRotated,
    ApiKeyProblems.notUsable,
    PolicyProblems.violated,
  )
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: RotateApiKeyRequest,
  ): Promise<IssuedApiKey> {
    const { key, wholeKey } = await this.rotation.rotate(principal, 'all', id, request.graceSeconds ?? 0);
    return IssuedApiKey.issued(key, wholeKey, key.createdAt, `admin/api-keys/${key.id}`);
  }
}
