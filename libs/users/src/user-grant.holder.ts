import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { type GrantChange, type GrantHolder, HoldsGrants } from '#libs/permissions';
import { ManagedUsers } from './managed-users.js';

/** Users are granted permissions beside their roles. */
@HoldsGrants()
@Injectable()
export class UserGrantHolder implements GrantHolder {
  readonly kind = 'user';

  constructor(private readonly users: ManagedUsers) {}

  async changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]> {
    const user = await this.users.change(principal, id, 'user.grants_changed', (changed) => {
      changed.grants = [...change(changed.grants)];
    });
    return user.grants;
  }
}
