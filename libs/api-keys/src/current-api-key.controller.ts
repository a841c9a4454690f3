import { Controller, Delete, Get, Query } from '@nestjs/common';
import { Authenticated, CurrentPrincipal, type Principal } from '#libs/access';
import { HonoursIfMatch, MayFailWith, Problem, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { ManagedUsers } from '#libs/users';
import { ApiKeyView } from './api-key-views.dto.js';
import { RevokeApiKeyQuery } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

/** The key that is presented. It stands before the routes with an id, or `current` would be taken for one. */
@Controller('api-keys/current')
export class CurrentApiKeyController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly users: ManagedUsers,
  ) {}

  /** Tells which key was presented. */
  @Get()
  @Authenticated()
  @Returns(200, ApiKeyView)
  @MayFailWith(RequestProblems.notFound)
  read(@CurrentPrincipal() principal: Principal): Promise<ApiKeyView> {
    return this.keys.read(principal, 'own', presentedId(principal));
  }

  /** Revokes the key that was presented; a legacy key is taken from its user. */
  @Delete()
  @Authenticated()
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required)
  async revoke(@CurrentPrincipal() principal: Principal, @Query() { reason }: RevokeApiKeyQuery): Promise<void> {
    if (principal.keyId !== null || principal.userId === null)
      return this.keys.revoke(principal, 'own', presentedId(principal), reason);
    const revoke = (user: { revokeLegacyKey(): void }): void => user.revokeLegacyKey();
    await this.users.change(principal, principal.userId, 'user.legacy_key_revoked', revoke, { reason });
  }
}

/** @throws Problem request.not_found for a legacy key, which has no id */
function presentedId(principal: Principal): string {
  if (principal.keyId === null)
    throw new Problem(RequestProblems.notFound, {
      detail: 'The credential is a legacy key, which has no entry of its own.',
    });
  return principal.keyId;
}
