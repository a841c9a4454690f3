import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { Problem } from '#libs/http';
import { OrganizationProblems, OrganizationRepository } from '#libs/organizations';
import { ADMIN_ROLE } from '#libs/permissions';
import { UserRegistrar } from '#libs/users';
import { ApiKeyIssuer } from './api-key.issuer.js';

/** A new administrator, with the key that is shown this once. */
export interface CreatedAdministrator {
  readonly userId: string;
  readonly keyId: string;
  readonly key: string;
}

/** Makes an administrator with a key that may do everything: at the first start, and from the command line. */
@Injectable()
export class AdministratorCreator {
  constructor(
    private readonly database: Database,
    private readonly registrar: UserRegistrar,
    private readonly issuer: ApiKeyIssuer,
    private readonly organizations: OrganizationRepository,
  ) {}

  /** @throws Problem user.email_taken, organization.suspended */
  async create(principal: Principal, email: string): Promise<CreatedAdministrator> {
    return this.database.transaction(async () => {
      const user = await this.registrar.register(principal, { email, name: 'Administrator', roles: [ADMIN_ROLE] });
      const { slug, suspendedAt } = await this.organizations.get(principal, user.organizationId);
      if (suspendedAt !== null) {
        const detail = `The organization ${slug}, to which the administrator would belong, is suspended: no key of theirs would work. Issue a key for an administrator of another, by \`keyward keys issue\`, and resume it.`;
        throw new Problem(OrganizationProblems.suspended, { detail });
      }
      const { key, wholeKey } = await this.issuer.issue(principal, user, { name: 'administrator', permissions: ['*'] });
      return { userId: user.id, keyId: key.id, key: wholeKey };
    });
  }

  /** Creates one if there is no user at all; replicas that start together create one between them. */
  async createFirst(principal: Principal, email: string): Promise<CreatedAdministrator | undefined> {
    return this.database.transaction(async () => {
      await this.database.serialize('first administrator');
      const [row] = await this.database.query<{ empty: boolean }>('select not exists (select from users) as empty');
      return row?.empty === true ? this.create(principal, email) : undefined;
    });
  }
}
