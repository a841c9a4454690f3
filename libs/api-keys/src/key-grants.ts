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
   * The grants for a new key of `ownerId`: those asked for; or the same as the caller's key; or, when it is somebody else's,
   * what the caller holds of those, for the owner may come to hold more one day and the caller knows the secret.
   * @throws Problem permission.unknown, permission.escalation
   */
  async forNewKey(principal: Principal, ownerId: string, asked: readonly string[] | undefined): Promise<string[]> {
    const grants = asked === undefined ? handedOn(principal, ownerId) : this.chosen(principal, asked);
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
   * Whoever receives the secret of a key can do what its owner and the key together may, as far as the owner's roles
   * reach: the principal must hold that, and reach as far.
   * @throws Problem permission.escalation
   */
  async assertMayHandOut(principal: Principal, ownerId: string, grants: readonly string[]): Promise<void> {
    const owner = await this.roles.holdingsOf(ownerId);
    if (owner.installationWide) principal.assertReachesAll();
    principal.assertMayGrant(commonGrants(owner.grants, grants));
  }
}

function handedOn({ identity: { userId, ownerGrants, keyGrants } }: Principal, ownerId: string): string[] {
  return ownerId === userId ? [...keyGrants] : commonGrants(ownerGrants, keyGrants).toSorted();
}
