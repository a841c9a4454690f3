import { Injectable } from '@nestjs/common';
import { AccessProblems, type Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { Problem } from '#libs/http';
import { AccessChanges } from './access-changes.js';
import { Administrators } from './administrators.js';
import { RoleProblems } from './permissions.problems.js';
import type { Role } from './role.entity.js';
import { RoleRepository } from './role.repository.js';

/** Who receives roles. */
export interface RoleHolder {
  readonly id: string;
  readonly organizationId: string;
}

/** Gives users their roles; nobody gives or takes a role that holds more than they do themselves. */
@Injectable()
export class RoleAssignments {
  constructor(
    private readonly database: Database,
    private readonly roles: RoleRepository,
    private readonly administrators: Administrators,
    private readonly changes: AccessChanges,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Makes `names` the roles of `holder`, no more and no less.
   * @throws Problem role.unknown, permission.escalation, administrator.required
   */
  async replace(principal: Principal, holder: RoleHolder, names: readonly string[]): Promise<void> {
    await this.administrators.guard(holder.id, async () => {
      await this.database.serialize(`roles of ${holder.id}`);
      const before = await this.roles.ofUser(holder.id);
      const after = await this.resolve(names, holder.organizationId);
      const added = after.filter((role) => !before.some(({ id }) => id === role.id));
      const removed = before.filter((role) => !after.some(({ id }) => id === role.id));
      if (added.length === 0 && removed.length === 0) return;
      for (const role of [...added, ...removed]) assertMayAssign(principal, role);
      // what is given to whoever reaches over all organizations is given in all of them
      if (added.length > 0 && before.some(reachesAll)) principal.assertReachesAll();
      if (added.length > 0) await this.roles.assign(holder.id, added);
      if (removed.length > 0) await this.roles.withdraw(holder.id, removed);
      if (!before.some(reachesAll) && after.some(reachesAll)) {
        // whoever comes to reach over all organizations holds there what they held in one
        principal.assertMayGrant((await this.roles.holdingsOf(holder.id)).grants);
      }
      this.changes.publish({ userId: holder.id });
      await this.audit.record({
        actor: principal,
        action: 'user.roles_changed',
        target: { type: 'user', id: holder.id },
        organizationId: holder.organizationId,
        before: { roles: namesOf(before) },
        after: { roles: namesOf(after) },
      });
    });
  }

  private async resolve(names: readonly string[], organizationId: string): Promise<Role[]> {
    const found = await this.roles.named(names, organizationId);
    const unknown = names.filter((name) => !found.some((role) => role.name === name));
    if (unknown.length > 0) {
      throw new Problem(RoleProblems.unknown, {
        detail: `There is no role ${unknown.join(', ')}.`,
        errors: [{ pointer: '/roles', detail: 'must name existing roles' }],
      });
    }
    return found;
  }
}

function assertMayAssign(principal: Principal, role: Role): void {
  principal.assertMayGrant(role.grants);
  if (role.installationWide && principal.scope !== null) {
    throw new Problem(AccessProblems.escalation, {
      detail: `The role ${role.name} reaches over all organizations; yours do not.`,
    });
  }
}

function reachesAll({ installationWide }: Role): boolean {
  return installationWide;
}

function namesOf(roles: readonly Role[]): string[] {
  return roles.map(({ name }) => name).toSorted();
}
