import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { type GrantChange, type GrantHolder, HoldsGrants, RoleRepository } from '#libs/permissions';
import { ManagedUsers } from './managed-users.js';

/** Users are granted permissions beside their roles. */
@HoldsGrants()
@Injectable()
export class UserGrantHolder implements GrantHolder {
  readonly kind = 'user';

  constructor(
    private readonly users: ManagedUsers,
    private readonly roles: RoleRepository,
  ) {}

  /** @throws Problem permission.escalation when the user would hold in all organizations what the principal does not */
  async changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]> {
    const user = await this.users.change(principal, id, 'user.grants_changed', async (changed) => {
      const before = changed.grants;
      changed.grants = [...change(before)];
      const isGiven = changed.grants.some((grant) => !before.includes(grant));
      if (isGiven && (await this.roles.holdingsOf(id)).installationWide) principal.assertReachesAll();
    });
    return user.grants;
  }
}
