import { Injectable } from '@nestjs/common';
import { AccessProblems, covers, PermissionCatalogue, type Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Database } from '#libs/database';
import { Problem, uuidV7 } from '#libs/http';
import { AccessChanges } from './access-changes.js';
import type { GrantChange } from './grant-holder.js';
import { RoleProblems } from './permissions.problems.js';
import { Role } from './role.entity.js';
import { type HolderOfRole, RoleRepository } from './role.repository.js';
import type { ChangeRoleRequest, CreateRoleRequest } from './roles.dto.js';

/** Each is recorded; more would not be in the time that a transaction may take. */
const MOST_WITHDRAWN = 2000;

/** Makes and changes roles; nobody puts into a role what they do not hold, nor reaches further than they do. */
@Injectable()
export class RolesService {
  constructor(
    private readonly database: Database,
    private readonly roles: RoleRepository,
    private readonly catalogue: PermissionCatalogue,
    private readonly access: AccessChanges,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem role.name_taken, permission.unknown, permission.escalation */
  async create(principal: Principal, request: CreateRoleRequest): Promise<Role> {
    const { name, permissions, installationWide = false } = request;
    const description = request.description ?? '';
    const organizationId = request.organizationId === undefined ? principal.organizationId : request.organizationId;
    assertReach(principal, organizationId, installationWide);
    this.assertGrantable(principal, permissions);
    return this.database.transaction(async () => {
      await this.database.serialize('role names');
      if (await this.roles.isNameTaken(name, organizationId)) throw new Problem(RoleProblems.nameTaken);
      const now = await this.database.time();
      const grants = [...new Set(permissions)];
      const made = { id: uuidV7(now.getTime()), name, description, grants, organizationId, installationWide };
      const role = Object.assign(new Role(), { ...made, builtIn: false, version: 1, createdAt: now, updatedAt: now });
      await this.roles.insert(role);
      await this.record(principal, 'role.created', role, { after: facts(role) });
      return role;
    });
  }

  /** @throws Problem role.built_in, permission.unknown, permission.escalation */
  async change(principal: Principal, id: string, request: ChangeRoleRequest): Promise<Role> {
    return this.changing(principal, id, async (role, now) => {
      const { description, permissions } = request;
      const before = facts(role);
      if (permissions !== undefined) {
        this.assertGrantable(principal, permissions);
        await this.regrant(principal, role, [...new Set(permissions)]);
      }
      if (description !== undefined) role.description = description ?? '';
      await this.roles.save(role, now);
      await this.record(principal, 'role.changed', role, changes(before, facts(role)));
      return role;
    });
  }

  /** Applies `change` to what the role grants. @throws Problem role.built_in */
  async changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]> {
    const { grants } = await this.changing(principal, id, async (role, now) => {
      const before = facts(role);
      await this.regrant(principal, role, change(role.grants));
      await this.roles.save(role, now);
      await this.record(principal, 'role.changed', role, changes(before, facts(role)));
      return role;
    });
    return grants;
  }

  /** @throws Problem role.in_use unless `withdraw`, and by more than 2,000 users in any case */
  async remove(principal: Principal, id: string, withdraw: boolean): Promise<void> {
    await this.changing(principal, id, async (role) => {
      const holders = await this.roles.holders(role);
      if (holders.length > 0 && !withdraw) {
        throw new Problem(RoleProblems.inUse, {
          detail: `${holders.length} users have the role ${role.name}.`,
          members: { holders: holders.length },
        });
      }
      if (holders.length > MOST_WITHDRAWN) {
        throw new Problem(RoleProblems.inUse, {
          detail: `${holders.length} users have the role ${role.name}; its deletion takes it from ${MOST_WITHDRAWN} at the most. Take it from others before.`,
          members: { holders: holders.length },
        });
      }
      await this.roles.delete(role);
      for (const holder of holders) await this.recordWithdrawal(principal, role, holder);
      await this.record(principal, 'role.deleted', role, { before: { ...facts(role), holders: holders.length } });
    });
  }

  private recordWithdrawal(principal: Principal, { name }: Role, holder: HolderOfRole): Promise<void> {
    return this.audit.record({
      actor: principal,
      action: 'user.roles_changed',
      target: { type: 'user', id: holder.id },
      organizationId: holder.organizationId,
      before: { roles: holder.roles },
      after: { roles: holder.roles.filter((role) => role !== name) },
    });
  }

  /** A role is changed by whoever holds what it grants, and reaches as far. */
  private changing<T>(principal: Principal, id: string, change: (role: Role, now: Date) => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      const role = await this.roles.getForUpdate(principal, id);
      if (role.builtIn) throw new Problem(RoleProblems.builtIn);
      assertReach(principal, role.organizationId, role.installationWide);
      principal.assertMayGrant(role.grants);
      principal.assertSeen(role);
      const result = await change(role, await this.database.time());
      this.access.publish('all');
      return result;
    });
  }

  /** Whoever has the role beside one that reaches over all organizations holds in all of them what is put into it. */
  private async regrant(principal: Principal, role: Role, grants: readonly string[]): Promise<void> {
    const isMore = grants.some((grant) => !covers(role.grants, grant));
    role.grants = [...grants];
    if (isMore && (await this.roles.isHeldBeyond(role))) principal.assertReachesAll();
  }

  private assertGrantable(principal: Principal, grants: readonly string[]): void {
    this.catalogue.assertGrants(grants);
    principal.assertMayGrant(grants);
  }

  private record(
    principal: Principal,
    action: string,
    role: Role,
    states: { before?: object; after?: object },
  ): Promise<void> {
    const target = { type: 'role', id: role.id };
    return this.audit.record({ actor: principal, action, target, organizationId: role.organizationId, ...states });
  }
}

function facts({
  name,
  description,
  grants,
  organizationId,
  installationWide,
}: Role): object & Record<string, unknown> {
  return { name, description, grants, organizationId, installationWide };
}

/** @throws Problem permission.escalation when the role would reach beyond the organization to which the principal is bound */
function assertReach(principal: Principal, organizationId: string | null, installationWide: boolean): void {
  if (principal.scope === null || (organizationId === principal.scope && !installationWide)) return;
  throw new Problem(AccessProblems.escalation, { detail: 'Your own roles do not reach beyond your organization.' });
}
