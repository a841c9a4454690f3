import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { type GrantChange, type GrantHolder, HoldsGrants } from './grant-holder.js';
import { RolesService } from './roles.service.js';

/** Roles are granted permissions. */
@HoldsGrants()
@Injectable()
export class RoleGrantHolder implements GrantHolder {
  readonly kind = 'role';

  constructor(private readonly roles: RolesService) {}

  changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]> {
    return this.roles.changeGrants(principal, id, change);
  }
}
