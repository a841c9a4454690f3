import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { AccessProblems, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, Problem, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { ApiKeyIssuer, type KeyOwner } from './api-key.issuer.js';
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

/** One's own keys. */
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly issuer: ApiKeyIssuer,
    private readonly rotation: KeyRotation,
  ) {}

  /** Issues a key of one’s own. The answer is the only time that the key is shown whole. */
  @Post()
  @RequirePermissions(ApiKeyPermissions.create)
  @Returns(201, IssuedApiKey)
  @MayFailWith(AccessProblems.unknown, PolicyProblems.violated)
  async issue(@CurrentPrincipal() principal: Principal, @Body() request: IssueApiKeyRequest): Promise<IssuedApiKey> {
    const { key, wholeKey } = await this.issuer.issue(principal, ownerOf(principal), request);
    return IssuedApiKey.issued(key, wholeKey, key.createdAt, `api-keys/${key.id}`);
  }

  /** Lists one’s own keys, newest first. */
  @Get()
  @RequirePermissions(ApiKeyPermissions.read)
  @Returns(200, PageOf(ApiKeyView))
  list(@CurrentPrincipal() principal: Principal, @Query() query: ApiKeyListQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(principal, 'own', query);
  }

  /** Reads one of one’s own keys. */
  @Get(':id')
  @RequirePermissions(ApiKeyPermissions.read)
  @Returns(200, ApiKeyView)
  @MayFailWith(RequestProblems.notFound)
  read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<ApiKeyView> {
    return this.keys.read(principal, 'own', id);
  }

  /** Changes, disables or enables a key; absent fields stay, null clears. */
  @Patch(':id')
  @RequirePermissions(ApiKeyPermissions.update)
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
    return this.keys.change(principal, 'own', id, request);
  }

  /** Revokes a key: it is refused from now on, for good. */
  @Delete(':id')
  @RequirePermissions(ApiKeyPermissions.revoke)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required)
  revoke(@CurrentPrincipal() principal: Principal, @Id() id: string, @Query() query: RevokeApiKeyQuery): Promise<void> {
    return this.keys.revoke(principal, 'own', id, query.reason);
  }

  /** Replaces a key by one with a new secret; the old one works until the grace is over. */
  @Post(':id/rotate')
  @RequirePermissions(ApiKeyPermissions.rotate)
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
    const { key, wholeKey } = await this.rotation.rotate(principal, 'own', id, request.graceSeconds ?? 0);
    return IssuedApiKey.issued(key, wholeKey, key.createdAt, `api-keys/${key.id}`);
  }
}

/** @throws Problem request.not_found for a principal that is no user and so can own nothing */
function ownerOf({ userId, organizationId }: Principal): KeyOwner {
  if (userId === null || organizationId === null)
    throw new Problem(RequestProblems.notFound, { detail: 'The credential belongs to no user.' });
  return { id: userId, organizationId };
}
