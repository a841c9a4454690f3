import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { invalid, uuidV7 } from '#libs/http';
import { DEFAULT_ORGANIZATION_ID, OrganizationRepository } from '#libs/organizations';
import { RoleAssignments, USER_ROLE } from '#libs/permissions';
import { personalOf } from './managed-users.js';
import type { CreateServiceAccountRequest } from './service-accounts.dto.js';
import { newUser, type SubscriptionTier, unreachableEmail, type User, type UserKind } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import type { CreateUserRequest } from './users.dto.js';

/** A new user of either kind. */
interface Admission {
  readonly email?: string;
  readonly name?: string | null;
  readonly subscriptionTier?: SubscriptionTier;
  readonly roles?: readonly string[];
  readonly organizationId?: string;
}

/** Takes new users in, with their roles. */
@Injectable()
export class UserRegistrar {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly organizations: OrganizationRepository,
    private readonly assignments: RoleAssignments,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem user.email_taken, role.unknown, permission.escalation, request.invalid for a foreign organization */
  register(principal: Principal, request: CreateUserRequest): Promise<User> {
    return this.admit(principal, 'person', request);
  }

  /** @throws Problem role.unknown, permission.escalation, request.invalid for a foreign organization */
  registerServiceAccount(principal: Principal, request: CreateServiceAccountRequest): Promise<User> {
    return this.admit(principal, 'service', request);
  }

  private async admit(principal: Principal, kind: UserKind, request: Admission): Promise<User> {
    return this.database.transaction(async () => {
      const organizationId = await this.organizationFor(principal, request.organizationId);
      const now = await this.database.time();
      const id = uuidV7(now.getTime());
      const taken = {
        organizationId,
        email: request.email ?? unreachableEmail(id, 'service-account'),
        name: request.name ?? null,
      };
      const subscriptionTier = request.subscriptionTier ?? 'free';
      const user = Object.assign(newUser(id, taken, now), { kind, subscriptionTier });
      await this.users.insert(user);
      const { email, name } = user;
      await this.audit.record({
        actor: principal,
        action: 'user.created',
        target: { type: 'user', id: user.id },
        organizationId,
        after: kind === 'person' ? { email, name, subscriptionTier } : { kind, name },
        personal: personalOf(user),
      });
      await this.assignments.replace(principal, user, request.roles ?? (kind === 'person' ? [USER_ROLE] : []));
      return user;
    });
  }

  /** One's own organization, or another when one reaches over all; what one may not see answers as what is not there. */
  private async organizationFor(principal: Principal, wanted: string | undefined): Promise<string> {
    const own = principal.organizationId ?? DEFAULT_ORGANIZATION_ID;
    if (wanted === undefined || wanted === own) return own;
    if (principal.scope === null && (await this.organizations.holds(wanted))) return wanted;
    throw invalid([{ pointer: '/organizationId', detail: 'must be the id of an organization that you manage' }]);
  }
}
