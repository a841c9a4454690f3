import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '#libs/database';
import { RoleAssignment } from './role-assignment.entity.js';
import { Role } from './role.entity.js';

@Injectable()
export class RoleRepository {
  constructor(private readonly database: Database) {}

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

  async assign(userId: string, roles: readonly Role[]): Promise<void> {
    const assignments = this.database.repository(RoleAssignment);
    await assignments.insert(roles.map(({ id }) => ({ userId, roleId: id })));
  }

  async withdraw(userId: string, roles: readonly Role[]): Promise<void> {
    await this.database.repository(RoleAssignment).delete({ userId, roleId: In(roles.map(({ id }) => id)) });
  }
}
