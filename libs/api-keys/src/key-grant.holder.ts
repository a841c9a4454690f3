import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { type GrantChange, type GrantHolder, HoldsGrants } from '#libs/permissions';
import { KeyGrants } from './key-grants.js';
import { ManagedKeys } from './managed-keys.js';

/** Keys are granted permissions; what their owners do not hold stays without effect. */
@HoldsGrants()
@Injectable()
export class KeyGrantHolder implements GrantHolder {
  readonly kind = 'key';

  constructor(
    private readonly managed: ManagedKeys,
    private readonly grants: KeyGrants,
  ) {}

  async changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]> {
    const { key } = await this.managed.change(principal, 'all', id, 'api_key.grants_changed', async (changed) => {
      const before = changed.grants;
      changed.grants = [...change(before)];
      const added = changed.grants.filter((grant) => !before.includes(grant));
      await this.grants.assertMayHandOut(principal, changed.ownerId, added);
    });
    return key.grants;
  }
}
