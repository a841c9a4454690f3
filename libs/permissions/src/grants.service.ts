import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { covers, PermissionCatalogue, type Principal } from '#libs/access';
import { invalid, Problem } from '#libs/http';
import { type GrantHolder, HoldsGrants } from './grant-holder.js';
import { GrantsView, type GrantTarget } from './grants.dto.js';
import { GrantProblems } from './permissions.problems.js';

/** Grants permissions to roles, users and keys, and takes them away; nobody gives or takes what they do not hold. */
@Injectable()
export class GrantsService implements OnModuleInit {
  private holders: GrantHolder[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly catalogue: PermissionCatalogue,
  ) {}

  onModuleInit(): void {
    this.holders = HoldsGrants.collect(this.discovery);
  }

  /** @throws Problem permission.unknown, permission.escalation, request.not_found */
  assign(principal: Principal, target: GrantTarget): Promise<GrantsView> {
    const { permissions } = this.checked(principal, target);
    return this.change(principal, target, (grants) => [...new Set([...grants, ...permissions])]);
  }

  /** @throws Problem grant.still_granted when a wildcard that stays would give it all the same */
  withdraw(principal: Principal, target: GrantTarget): Promise<GrantsView> {
    const { permissions } = this.checked(principal, target);
    return this.change(principal, target, (grants) => {
      const left = grants.filter((grant) => !permissions.includes(grant));
      const stillGranted = permissions.filter((permission) => covers(left, permission));
      if (stillGranted.length === 0) return left;
      const by = left.filter((grant) => stillGranted.some((permission) => covers([grant], permission)));
      throw new Problem(GrantProblems.stillGranted, {
        detail: `${stillGranted.join(', ')} would still be granted by ${by.join(', ')}.`,
        members: { stillGranted, by },
      });
    });
  }

  private async change(
    principal: Principal,
    target: GrantTarget,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<GrantsView> {
    const [kind, id] = holderOf(target);
    const holder = this.holders.find((candidate) => candidate.kind === kind);
    if (holder === undefined) throw new Error(`Nothing here holds the grants of a ${kind}.`);
    return GrantsView.of(kind, id, await holder.changeGrants(principal, id, change));
  }

  private checked(principal: Principal, { permissions = [] }: GrantTarget): { permissions: readonly string[] } {
    if (permissions.length === 0)
      throw invalid([{ pointer: '/permissions', detail: 'must name at least one permission' }]);
    this.catalogue.assertGrants(permissions);
    principal.assertMayGrant(permissions);
    return { permissions };
  }
}

/** @throws Problem request.invalid unless exactly one holder is named */
function holderOf({ roleId, userId, keyId }: GrantTarget): ['role' | 'user' | 'key', string] {
  const named: ['role' | 'user' | 'key', string][] = [];
  if (roleId !== undefined) named.push(['role', roleId]);
  if (userId !== undefined) named.push(['user', userId]);
  if (keyId !== undefined) named.push(['key', keyId]);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const detail = 'exactly one of roleId, userId and keyId must be given';
  throw invalid(['/roleId', '/userId', '/keyId'].map((pointer) => ({ pointer, detail })));
}
