import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { asResource, invalid, type Page, Problem } from '#libs/http';
import { RoleRepository } from '#libs/permissions';
import { ManagedUsers } from './managed-users.js';
import { UserRemoval } from './user-removal.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { type ChangeUserRequest, type LockUserRequest, type UserListQuery, UserView } from './users.dto.js';
import { UserProblems } from './users.problems.js';

/** What is read of users and done with them. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UserRepository,
    private readonly roles: RoleRepository,
    private readonly managed: ManagedUsers,
    private readonly removal: UserRemoval,
    private readonly database: Database,
  ) {}

  async list(principal: Principal, query: UserListQuery): Promise<Page<UserView>> {
    const { items, next } = await this.users.page(principal, query);
    const roles = await this.roles.ofUsers(items.map(({ id }) => id));
    const now = await this.database.time();
    return { items: items.map((user) => UserView.of(user, roles.get(user.id) ?? [], now)), next };
  }

  async read(principal: Principal, id: string): Promise<UserView> {
    return this.view(await this.users.get(principal, id));
  }

  async change(principal: Principal, id: string, request: ChangeUserRequest): Promise<UserView> {
    return this.view(
      await this.managed.change(principal, id, 'user.changed', (user) => {
        if (user.kind === 'service') assertFitsService(request);
        for (const [field, value] of Object.entries(request))
          if (value !== undefined) Object.assign(user, { [field]: value });
      }),
    );
  }

  /** @throws Problem request.invalid when the end of the lock has passed */
  async lock(principal: Principal, id: string, request: LockUserRequest): Promise<UserView> {
    const until = request.until == null ? null : new Date(request.until);
    return this.view(
      await this.managed.change(principal, id, 'user.locked', (user, now) => {
        if (until !== null && until <= now) throw invalid([{ pointer: '/until', detail: 'must be in the future' }]);
        user.lock(request.reason, until, now);
      }),
    );
  }

  async unlock(principal: Principal, id: string): Promise<UserView> {
    return this.view(await this.managed.change(principal, id, 'user.unlocked', (user) => user.unlock()));
  }

  async remove(principal: Principal, id: string): Promise<void> {
    await this.managed.change(principal, id, 'user.deleted', async (user, now) => {
      user.remove(now);
      await this.removal.removed(principal, id, now);
    });
  }

  async view(user: User): Promise<UserView> {
    const view = UserView.of(user, await this.roles.ofUser(user.id), await this.database.time());
    const computed = [view.roles, view.status];
    return asResource(view, { path: `admin/users/${user.id}`, version: user.version, computed });
  }
}

/** A service account is known by its name, and by nothing else. @throws Problem user.not_person, request.invalid */
function assertFitsService({ email, name }: ChangeUserRequest): void {
  if (email !== undefined) throw new Problem(UserProblems.notPerson);
  if (name === null || name?.trim() === '') throw invalid([{ pointer: '/name', detail: 'must not be blank' }]);
}
