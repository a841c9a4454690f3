import { IsIn, IsString, Length, Matches } from 'class-validator';
import { asResource, Optional, PageQuery } from '#libs/http';
import { type Organization, type OrganizationStatus, organizationStatuses } from './organization.entity.js';

export class CreateOrganizationRequest {
  /** @example 'Acme Ltd' */
  @IsString()
  @Length(1, 200)
  name: string;

  /** Short name for people and URLs; unique. Absent: made of the name. @example 'acme' */
  @Optional()
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, { message: 'must be 1 to 63 of a-z, 0-9 and -, not beginning with -' })
  slug?: string;
}

export class ChangeOrganizationRequest {
  @Optional()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** `suspended` refuses all keys of the organization with organization.suspended; `active` lets them work again. */
  @Optional()
  @IsIn(organizationStatuses)
  status?: OrganizationStatus;
}

export class OrganizationListQuery extends PageQuery {
  /** Part of name or slug, in any case. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;

  @Optional()
  @IsIn(organizationStatuses)
  status?: OrganizationStatus;
}

/** A tenant. */
export class OrganizationView {
  id: string;
  slug: string;
  name: string;
  status: OrganizationStatus;
  suspendedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;

  static of(organization: Organization): OrganizationView {
    const { id, slug, name, status, suspendedAt, createdAt, updatedAt, version } = organization;
    const view = Object.assign(new OrganizationView(), { id, slug, name, status, suspendedAt, createdAt, updatedAt });
    return asResource(view, { path: `admin/organizations/${id}`, version });
  }
}
