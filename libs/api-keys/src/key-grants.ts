import { Injectable } from '@nestjs/common';
import { commonGrants, PermissionCatalogue, type Principal } from '#libs/access';
import { RoleRepository } from '#libs/permissions';

/** What a principal may put into a key: nothing that it does not hold itself. */
@Injectable()
export class KeyGrants {
  constructor(
    private readonly catalogue: PermissionCatalogue,
    private readonly roles: RoleRepository,
  ) {}

  /**
   * The grants for a new key of `ownerId`: those asked for, or the same as the caller's key.
   * @throws Problem permission.unknown, permission.escalation
   */
  async forNewKey(principal: Principal, ownerId: string, asked: readonly string[] | undefined): Promise<string[]> {
    if (asked !== undefined) return this.chosen(principal, asked);
    const grants = [...principal.identity.keyGrants];
    await this.assertMayHandOut(principal, ownerId, grants);
    return grants;
  }

  /** `asked` without repetitions. @throws Problem permission.unknown, permission.escalation */
  chosen(principal: Principal, asked: readonly string[]): string[] {
    this.catalogue.assertGrants(asked);
    principal.assertMayGrant(asked);
    return [...new Set(asked)];
  }

  /**
   * Whoever receives the secret of a key can do what its owner and the key together may: the principal must hold that.
   * @throws Problem permission.escalation
   */
  async assertMayHandOut(principal: Principal, ownerId: string, grants: readonly string[]): Promise<void> {
    principal.assertMayGrant(commonGrants(await this.roles.grantsOf(ownerId), grants));
  }
}
