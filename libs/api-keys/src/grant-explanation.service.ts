import { Injectable } from '@nestjs/common';
import { covers, PermissionCatalogue, type Principal } from '#libs/access';
import { Clock } from '#libs/clock';
import { RoleRepository } from '#libs/permissions';
import { UserRepository } from '#libs/users';
import { ApiKeyRepository } from './api-key.repository.js';
import { type ExplainPermissionQuery, GrantExplanationView, type GrantSourceView } from './grant-explanation.dto.js';

/** Tells which role or grant gives a permission to a key, or which grants would. */
@Injectable()
export class GrantExplanation {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly users: UserRepository,
    private readonly roles: RoleRepository,
    private readonly catalogue: PermissionCatalogue,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem request.not_found, permission.unknown */
  async explain(principal: Principal, { keyId, permission }: ExplainPermissionQuery): Promise<GrantExplanationView> {
    this.catalogue.assertGrants([permission]);
    const key = await this.keys.get(principal, 'all', keyId);
    const byOwner = await this.sourcesOf(principal, key.ownerId, permission);
    const byKey = sources('key', key.id, key.name, key.grants, permission);
    return Object.assign(new GrantExplanationView(), {
      keyId,
      permission,
      allowed: byOwner.length > 0 && byKey.length > 0,
      status: key.statusAt(this.clock.now()),
      owner: byOwner,
      key: byKey,
      missing: [
        ...(byOwner.length > 0 ? [] : [{ to: 'owner', id: key.ownerId, permission }]),
        ...(byKey.length > 0 ? [] : [{ to: 'key', id: key.id, permission }]),
      ],
    });
  }

  /** None of a user who is gone. */
  private async sourcesOf(principal: Principal, userId: string, permission: string): Promise<GrantSourceView[]> {
    const user = await this.users.find(principal, userId);
    if (user === null) return [];
    const roles = await this.roles.ofUser(userId);
    return [
      ...roles.flatMap(({ id, name, grants }) => sources('role', id, name, grants, permission)),
      ...sources('user', userId, user.email, user.grants, permission),
    ];
  }
}

function sources(
  from: GrantSourceView['from'],
  id: string,
  name: string,
  grants: readonly string[],
  permission: string,
): GrantSourceView[] {
  return grants.filter((grant) => covers([grant], permission)).map((grant) => ({ from, id, name, grant }));
}
