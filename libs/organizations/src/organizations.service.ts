import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Database } from '#libs/database';
import { Problem, uuidV7 } from '#libs/http';
import { AccessChanges, Administrators } from '#libs/permissions';
import { Organization } from './organization.entity.js';
import { OrganizationRepository } from './organization.repository.js';
import type { ChangeOrganizationRequest, CreateOrganizationRequest } from './organizations.dto.js';
import { OrganizationProblems } from './organizations.problems.js';

/** What the operator of the installation does with organizations. */
@Injectable()
export class OrganizationsService {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly administrators: Administrators,
    private readonly access: AccessChanges,
    private readonly audit: AuditLog,
    private readonly database: Database,
  ) {}

  /** @throws Problem organization.slug_taken, organization.installation_only */
  async create(principal: Principal, request: CreateOrganizationRequest): Promise<Organization> {
    assertOperator(principal);
    const now = await this.database.time();
    const id = uuidV7(now.getTime());
    return this.administrators.guardAll(async () => {
      const organization = Object.assign(new Organization(), {
        id,
        name: request.name,
        slug: request.slug ?? (await this.slugOf(principal, id, request.name)), // creations take turns from here on
        suspendedAt: null,
        deletedAt: null,
        version: 1,
        createdAt: now,
        updatedAt: now,
      });
      await this.organizations.insert(organization);
      await this.record(principal, 'organization.created', organization, { after: facts(organization) });
      return organization;
    });
  }

  /** @throws Problem administrator.required when suspending it would leave no administrator who can act */
  async change(principal: Principal, id: string, request: ChangeOrganizationRequest): Promise<Organization> {
    return this.administrators.guardAll(async () => {
      const organization = await this.organizations.getForUpdate(principal, id);
      assertOperator(principal);
      principal.assertSeen(organization);
      const now = await this.database.time();
      const before = facts(organization);
      if (request.name !== undefined) organization.name = request.name;
      if (request.status === 'suspended') organization.suspend(now);
      if (request.status === 'active') organization.resume();
      await this.organizations.save(organization, now);
      this.access.publish('all');
      await this.record(principal, 'organization.changed', organization, changes(before, facts(organization)));
      return organization;
    });
  }

  /** @throws Problem organization.not_empty */
  async remove(principal: Principal, id: string): Promise<void> {
    await this.administrators.guardAll(async () => {
      const organization = await this.organizations.getForUpdate(principal, id);
      assertOperator(principal);
      principal.assertSeen(organization);
      if (!(await this.organizations.isEmpty(organization))) throw new Problem(OrganizationProblems.notEmpty);
      const now = await this.database.time();
      organization.remove(now);
      await this.organizations.save(organization, now);
      await this.record(principal, 'organization.deleted', organization, { before: facts(organization) });
    });
  }

  /** The name as a slug; where another organization has it, with a part of the id, which nobody else has. */
  private async slugOf(principal: Principal, id: string, name: string): Promise<string> {
    const words = name
      .normalize('NFKD')
      .replaceAll(/\p{Mark}/gu, '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? ['organization'];
    const slug = words.join('-').slice(0, 50);
    const taken = await this.organizations.idsBySlug(principal, [slug]);
    return taken.has(slug) ? `${slug}-${id.slice(-12)}` : slug;
  }

  private record(
    principal: Principal,
    action: string,
    { id }: Organization,
    states: { before?: object; after?: object },
  ): Promise<void> {
    return this.audit.record({
      actor: principal,
      action,
      target: { type: 'organization', id },
      organizationId: id,
      ...states,
    });
  }
}

function facts({ slug, name, suspendedAt }: Organization): object & Record<string, unknown> {
  return { slug, name, suspendedAt };
}

/** An organization's own administrator manages what is in it, not the organization itself. */
function assertOperator(principal: Principal): void {
  if (principal.scope !== null) throw new Problem(OrganizationProblems.installationOnly);
}
