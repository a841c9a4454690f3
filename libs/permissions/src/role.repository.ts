import { Injectable } from '@nestjs/common';
import { In, type SelectQueryBuilder } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage } from '#libs/database';
import { Cursors, type Page, Problem, RequestProblems } from '#libs/http';
import { RoleAssignment } from './role-assignment.entity.js';
import { Role } from './role.entity.js';
import type { RoleListQuery } from './roles.dto.js';

/** What a user may grant to a key. */
export interface Holdings {
  readonly grants: readonly string[];
  readonly installationWide: boolean;
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
    const roles = this.database.repository(Role).createQueryBuilder('role').where('role.name = :name', { name });
    if (organizationId !== null) {
      roles.andWhere('(role.organizationId is null or role.organizationId = :organizationId)', { organizationId });
    }
    return roles.getExists();
  }

  async insert(role: Role): Promise<void> {
    await this.database.repository(Role).insert(role);
  }

  /** Stores the changes and counts the version up. */
  async save(role: Role, now: Date): Promise<void> {
    role.version += 1;
    role.updatedAt = now;
    await this.database.repository(Role).save(role, { reload: false });
  }

  /** Deletes a role and takes it from all who have it. */
  async delete({ id }: Role): Promise<void> {
    await this.database.repository(RoleAssignment).delete({ roleId: id });
    await this.database.repository(Role).delete({ id });
  }

  /** Roles of these names that are offered to the organization: its own and the installation's. */
  named(names: readonly string[], organizationId: string): Promise<Role[]> {
    return this.database
      .repository(Role)
      .createQueryBuilder('role')
      .where('role.name in (:...names)', { names: names.length > 0 ? names : [''] })
      .andWhere('(role.organizationId is null or role.organizationId = :organizationId)', { organizationId })
      .getMany();
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
    const roles = await this.database.repository(Role).findBy({ id: In(assignments.map(({ roleId }) => roleId)) });
    const byUser = new Map<string, Role[]>();
    for (const role of roles.toSorted((a, b) => a.name.localeCompare(b.name))) {
      for (const { userId } of assignments.filter(({ roleId }) => roleId === role.id)) {
        byUser.set(userId, [...(byUser.get(userId) ?? []), role]);
      }
    }
    return byUser;
  }

  /** How many users have the role. */
  holders({ id }: Role): Promise<number> {
    return this.database.repository(RoleAssignment).countBy({ roleId: id });
  }

  async assign(userId: string, roles: readonly Role[]): Promise<void> {
    const assignments = this.database.repository(RoleAssignment);
    await assignments.insert(roles.map(({ id }) => ({ userId, roleId: id })));
  }

  async withdraw(userId: string, roles: readonly Role[]): Promise<void> {
    await this.database.repository(RoleAssignment).delete({ userId, roleId: In(roles.map(({ id }) => id)) });
  }

  /** Its own organization's roles and those offered to all; for whoever reaches over all organizations, every role. */
  private visibleTo(principal: Principal): SelectQueryBuilder<Role> {
    const roles = this.database.repository(Role).createQueryBuilder('role').where('true');
    if (principal.scope === null) return roles;
    return roles.andWhere('(role.organizationId is null or role.organizationId = :scope)', { scope: principal.scope });
  }
}

function found(role: Role | null): Role {
  if (role === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such role.' });
  return role;
}
