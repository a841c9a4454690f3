import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Database } from '#libs/database';
import { AccessChanges, Administrators } from '#libs/permissions';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** The one way in which a user is changed: locked, checked, stored, told to the caches and recorded, or nothing of it. */
@Injectable()
export class ManagedUsers {
  constructor(
    private readonly users: UserRepository,
    private readonly administrators: Administrators,
    private readonly access: AccessChanges,
    private readonly audit: AuditLog,
    private readonly database: Database,
  ) {}

  /**
   * Applies `change` to the user `id` and records it as `action`; `told`: what else the record says of it.
   * @throws Problem request.not_found, permission.escalation when an administrator is changed by somebody who holds less,
   * administrator.required when it would leave none
   */
  async change(
    principal: Principal,
    id: string,
    action: string,
    change: (user: User, now: Date) => void | Promise<void>,
    told: object = {},
  ): Promise<User> {
    await this.users.get(principal, id); // the guard locks whomever it is told of
    return this.administrators.guard(id, async () => {
      const user = await this.users.getForUpdate(principal, id);
      principal.assertSeen(user);
      await this.administrators.assertManagedBy(principal, id);
      const now = await this.database.time();
      const before = snapshot(user);
      await change(user, now);
      await this.users.save(user, now);
      this.access.publish({ userId: id });
      await this.audit.record({
        actor: principal,
        action,
        target: { type: 'user', id },
        organizationId: user.organizationId,
        ...changes(before, { ...snapshot(user), ...told }),
        personal: personalOf(user),
      });
      return user;
    });
  }
}

/** The members that the audit log shows; a legacy key's hash is none of them. */
function snapshot(user: User): object & Record<string, unknown> {
  const { email, name, subscriptionTier, grants, lockedAt, lockedUntil, lockReason, deletedAt } = user;
  return { email, name, subscriptionTier, grants, lockedAt, lockedUntil, lockReason, deletedAt };
}

/** What of a user's snapshot the audit log must forget with the person; a service account is none. */
export function personalOf({ id, kind }: User): { of: string; members: readonly string[] } | undefined {
  return kind === 'person' ? { of: id, members: ['email', 'name', 'lockReason'] } : undefined;
}
