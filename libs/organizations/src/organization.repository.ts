import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type ScopedSelect, violates } from '#libs/database';
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
    const held = this.database
      .within(id, Organization, 'organization')
      .andWhere('organization.deletedAt is null')
      .setLock('pessimistic_read');
    return (await held.getOne()) !== null;
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

  /** Ids of the organizations with these slugs, by slug; those that the principal does not see are not there. */
  async idsBySlug(principal: Principal, slugs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (slugs.length === 0) return new Map();
    const organizations = this.visibleTo(principal).andWhere('organization.slug in (:...slugs)', { slugs });
    return new Map((await organizations.getMany()).map(({ slug, id }) => [slug, id]));
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
      await this.database.store(Organization).insert(organization);
    } catch (error) {
      if (violates(error, 'organizations_slug_key')) throw new Problem(OrganizationProblems.slugTaken);
      throw error;
    }
  }

  /** Stores the changes and counts the version up. */
  async save(organization: Organization, now: Date): Promise<void> {
    organization.version += 1;
    organization.updatedAt = now;
    await this.database.store(Organization).save(organization);
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

  private visibleTo({ scope }: Principal): ScopedSelect<Organization> {
    return this.database.within(scope, Organization, 'organization').andWhere('organization.deletedAt is null');
  }
}

function found(organization: Organization | null): Organization {
  if (organization === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such organization.' });
  return organization;
}
