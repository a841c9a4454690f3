import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { RoleAssignments } from '#libs/permissions';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** The roles of users. They are shown with the user, so that other roles are a new version of it. */
@Injectable()
export class UserRoles {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly assignments: RoleAssignments,
  ) {}

  /** @throws Problem request.not_found, role.unknown, permission.escalation, administrator.required */
  async replace(principal: Principal, id: string, names: readonly string[]): Promise<User> {
    return this.database.transaction(async () => {
      const user = await this.users.getForUpdate(principal, id);
      principal.assertSeen(user);
      await this.assignments.replace(principal, user, names);
      await this.users.save(user, await this.database.time());
      return user;
    });
  }
}
