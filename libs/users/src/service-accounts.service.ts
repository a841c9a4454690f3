import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { type Page, Problem, RequestProblems } from '#libs/http';
import { RoleRepository } from '#libs/permissions';
import {
  type ChangeServiceAccountRequest,
  type CreateServiceAccountRequest,
  type ServiceAccountListQuery,
  ServiceAccountView,
} from './service-accounts.dto.js';
import { UserRegistrar } from './user-registrar.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { UserListQuery } from './users.dto.js';
import { UsersService } from './users.service.js';

/** Users who are no persons. What is done with any user, such as locking and keys, is done with them in the same way. */
@Injectable()
export class ServiceAccountsService {
  constructor(
    private readonly users: UserRepository,
    private readonly registrar: UserRegistrar,
    private readonly service: UsersService,
    private readonly roles: RoleRepository,
    private readonly database: Database,
  ) {}

  /** @throws Problem role.unknown, permission.escalation, request.invalid for a foreign organization */
  async create(principal: Principal, request: CreateServiceAccountRequest): Promise<ServiceAccountView> {
    return this.view(await this.registrar.registerServiceAccount(principal, request));
  }

  async list(principal: Principal, query: ServiceAccountListQuery): Promise<Page<ServiceAccountView>> {
    const ofServices = Object.assign(new UserListQuery(), query, { kind: 'service' });
    const { items, next } = await this.users.page(principal, ofServices);
    const roles = await this.roles.ofUsers(items.map(({ id }) => id));
    const now = await this.database.time();
    return { items: items.map((user) => ServiceAccountView.of(user, roles.get(user.id) ?? [], now)), next };
  }

  async read(principal: Principal, id: string): Promise<ServiceAccountView> {
    return this.view(await this.get(principal, id));
  }

  async change(principal: Principal, id: string, request: ChangeServiceAccountRequest): Promise<ServiceAccountView> {
    await this.get(principal, id);
    await this.service.change(principal, id, request);
    return this.read(principal, id);
  }

  async remove(principal: Principal, id: string): Promise<void> {
    await this.get(principal, id);
    await this.service.remove(principal, id);
  }

  /** @throws Problem request.not_found, for a person too */
  private async get(principal: Principal, id: string): Promise<User> {
    const user = await this.users.get(principal, id);
    if (user.kind === 'service') return user;
    throw new Problem(RequestProblems.notFound, { detail: 'There is no such service account.' });
  }

  private async view(user: User): Promise<ServiceAccountView> {
    return ServiceAccountView.of(user, await this.roles.ofUser(user.id), await this.database.time());
  }
}
