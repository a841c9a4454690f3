import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type ScopedSelect } from '#libs/database';
import { Cursors, invalid, type Page, Problem, RequestProblems } from '#libs/http';
import { RoleAssignment } from './role-assignment.entity.js';
import { Role } from './role.entity.js';
import type { RoleListQuery } from './roles.dto.js';

/** What a user may grant to a key. */
export interface Holdings {
  readonly grants: readonly string[];
  readonly installationWide: boolean;
}

/** A user, and the names of the roles that they have. */
export interface HolderOfRole {
  readonly id: string;
  readonly organizationId: string;
  readonly roles: readonly string[];
}

@Injectable()
export class RoleRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.not_found, the same for a foreign id and for one that never was */
  async get(principal: Principal, id: string): Promise<Role> {
    return found(await this.visibleTo(principal).andWhere('role.id = :id', { id }).getOne());
  }

  /** Like `get`, and no other transaction changes the role until this one ends. */
  async getForUpdate(principal: Principal, id: string): Promise<Role> {
    return found(
      await this.visibleTo(principal).andWhere('role.id = :id', { id }).setLock('pessimistic_write').getOne(),
    );
  }

  page(principal: Principal, query: RoleListQuery): Promise<Page<Role>> {
    const roles = this.visibleTo(principal);
    if (query.search !== undefined) {
      const { search } = query;
      roles.andWhere('(strpos(role.name, lower(:search)) > 0 or strpos(lower(role.description), lower(:search)) > 0)', {
        search,
      });
    }
    return keysetPage(roles, { property: 'name', descending: false }, query, this.cursors, 'roles');
  }

  /** Whether a role of this name would be mistaken for another: names of the installation count in every organization. */
  isNameTaken(name: string, organizationId: string | null): Promise<boolean> {
    return this.offeredTo(organizationId).andWhere('role.name = :name', { name }).getExists();
  }

  /** @throws Problem request.invalid when there is no such organization */
  async insert(role: Role): Promise<void> {
    const { organizationId } = role;
    if (organizationId !== null && !(await this.holdsOrganization(organizationId)))
      throw invalid([{ pointer: '/organizationId', detail: 'must be the id of an organization that you manage' }]);
    await this.database.store(Role).insert(role);
  }

  /** While the caller's transaction lasts, nobody deletes it. */
  private async holdsOrganization(id: string): Promise<boolean> {
    const held = await this.database.query(
      'select from organizations where id = $1 and deleted_at is null for key share',
      [id],
    );
    return held.length > 0;
  }

  /** Stores the changes and counts the version up. */
  async save(role: Role, now: Date): Promise<void> {
    role.version += 1;
    role.updatedAt = now;
    await this.database.store(Role).save(role);
  }

  /** Deletes a role and takes it from all who have it. */
  async delete(role: Role): Promise<void> {
    await this.database.repository(RoleAssignment).delete({ roleId: role.id });
    await this.database.store(Role).delete(role);
  }

  /** Roles of these names that are offered to the organization: its own and the installation's. */
  named(names: readonly string[], organizationId: string): Promise<Role[]> {
    return this.offeredTo(organizationId).andWhere('role.name = any (:names)', { names }).getMany();
  }

  async ofUser(userId: string): Promise<Role[]> {
    return (await this.ofUsers([userId])).get(userId) ?? [];
  }

  /** All that a user holds: the grants of their roles and their own, and whether a role reaches over all organizations. */
  async holdingsOf(userId: string): Promise<Holdings> {
    const [row] = await this.database.query<Holdings>(
      `select u.grants || coalesce(array_agg(granted) filter (where granted is not null), '{}') as grants,
         coalesce(bool_or(r.installation_wide), false) as "installationWide"
       from users u left join role_assignments a on a.user_id = u.id left join roles r on r.id = a.role_id
       left join lateral unnest(r.grants) granted on true where u.id = $1 group by u.id`,
      [userId],
    );
    return row ?? { grants: [], installationWide: false };
  }

  /** The roles of each user, those without any left out. */
  async ofUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, Role[]>> {
    const assignments = await this.database.repository(RoleAssignment).findBy({ userId: In([...userIds]) });
    const roles = await this.database
      .regardlessOfOrganization(Role)
      .findBy({ id: In(assignments.map(({ roleId }) => roleId)) });
    const byUser = new Map<string, Role[]>();
    for (const role of roles.toSorted((a, b) => a.name.localeCompare(b.name))) {
      for (const { userId } of assignments.filter(({ roleId }) => roleId === role.id)) {
        byUser.set(userId, [...(byUser.get(userId) ?? []), role]);
      }
    }
    return byUser;
  }

  /** Users who have the role, with the names of all their roles; those who were deleted do not count. */
  holders({ id }: Role): Promise<HolderOfRole[]> {
    return this.database.query<HolderOfRole>(
      `select u.id, u.organization_id as "organizationId", array(
         select r.name from role_assignments b join roles r on r.id = b.role_id where b.user_id = u.id order by 1) as roles
       from role_assignments a join users u on u.id = a.user_id where a.role_id = $1 and u.deleted_at is null`,
      [id],
    );
  }

  /** Whether somebody who has the role reaches over all organizations by another. */
  async isHeldBeyond({ id }: Role): Promise<boolean> {
    const [row] = await this.database.query<{ found: boolean }>(
      `select exists (
         select from role_assignments a join role_assignments other on other.user_id = a.user_id
         join roles r on r.id = other.role_id join users u on u.id = a.user_id
         where a.role_id = $1 and r.installation_wide and u.deleted_at is null) as found`,
      [id],
    );
    return row?.found === true;
  }

  /** Gives the role to users who do not have it. */
  async assignToAll(userIds: readonly string[], { id }: Role): Promise<void> {
    await this.database.query(
      'insert into role_assignments (user_id, role_id) select user_id, $2 from unnest($1::uuid[]) user_id on conflict do nothing',
      [userIds, id],
    );
  }

  async assign(userId: string, roles: readonly Role[]): Promise<void> {
    const assignments = this.database.repository(RoleAssignment);
    await assignments.insert(roles.map(({ id }) => ({ userId, roleId: id })));
  }

  async withdraw(userId: string, roles: readonly Role[]): Promise<void> {
    await this.database.repository(RoleAssignment).delete({ userId, roleId: In(roles.map(({ id }) => id)) });
  }

  /** Its own organization's roles and those offered to all; for whoever reaches over all organizations, every role. */
  private visibleTo({ scope }: Principal): ScopedSelect<Role> {
    return this.offeredTo(scope);
  }

  private offeredTo(organizationId: string | null): ScopedSelect<Role> {
    return this.database.within(organizationId, Role, 'role', { orOfNone: true });
  }
}

function found(role: Role | null): Role {
  if (role === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such role.' });
  return role;
}
