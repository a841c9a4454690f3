import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage, violates } from '#libs/database';
import { Cursors, type Page, Problem, RequestProblems } from '#libs/http';
import { Organization } from './organization.entity.js';
import type { OrganizationListQuery } from './organizations.dto.js';
import { OrganizationProblems } from './organizations.problems.js';

/** Organizations; a principal of one sees that one alone. */
@Injectable()
export class OrganizationRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Whether there is such an organization; while the caller's transaction lasts, nobody deletes it. */
  async holds(id: string): Promise<boolean> {
    const organizations = this.database.repository(Organization).createQueryBuilder('organization');
    const held = organizations.where('organization.id = :id and organization.deletedAt is null', { id });
    return (await held.setLock('pessimistic_read').getOne()) !== null;
  }

  /** @throws Problem request.not_found, the same for a foreign id and for one that never was */
  async get(principal: Principal, id: string): Promise<Organization> {
    return found(await this.visibleTo(principal).andWhere('organization.id = :id', { id }).getOne());
  }

  /** Like `get`, and no other transaction changes the organization until this one ends. */
  async getForUpdate(principal: Principal, id: string): Promise<Organization> {
    const locked = this.visibleTo(principal).andWhere('organization.id = :id', { id }).setLock('pessimistic_write');
    return found(await locked.getOne());
  }

  page(principal: Principal, query: OrganizationListQuery): Promise<Page<Organization>> {
    const organizations = this.visibleTo(principal);
    if (query.search !== undefined) {
      organizations.andWhere(
        '(strpos(lower(organization.name), lower(:search)) > 0 or strpos(organization.slug, lower(:search)) > 0)',
        { search: query.search },
      );
    }
    if (query.status !== undefined) {
      organizations.andWhere(`organization.suspendedAt is ${query.status === 'active' ? 'null' : 'not null'}`);
    }
    const newestFirst = { property: 'id', descending: true } as const;
    return keysetPage(organizations, newestFirst, query, this.cursors, 'organizations');
  }

  /** @throws Problem organization.slug_taken */
  async insert(organization: Organization): Promise<void> {
    try {
      await this.database.repository(Organization).insert(organization);
    } catch (error) {
      if (violates(error, 'organizations_slug_key')) throw new Problem(OrganizationProblems.slugTaken);
      throw error;
    }
  }

  /** Stores the changes and counts the version up. */
  async save(organization: Organization, now: Date): Promise<void> {
    organization.version += 1;
    organization.updatedAt = now;
    await this.database.repository(Organization).save(organization, { reload: false });
  }

  /** Whether the organization has neither users nor roles. */
  async isEmpty({ id }: Organization): Promise<boolean> {
    const [row] = await this.database.query<{ empty: boolean }>(
      `select not exists (select from users where organization_id = $1 and deleted_at is null)
         and not exists (select from roles where organization_id = $1) as empty`,
      [id],
    );
    return row?.empty === true;
  }

  private visibleTo(principal: Principal): SelectQueryBuilder<Organization> {
    const organizations = this.database
      .repository(Organization)
      .createQueryBuilder('organization')
      .where('organization.deletedAt is null');
    return principal.scope === null
      ? organizations
      : organizations.andWhere('organization.id = :scope', { scope: principal.scope });
  }
}

function found(organization: Organization | null): Organization {
  if (organization === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such organization.' });
  return organization;
}
