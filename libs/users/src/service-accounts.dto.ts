import { ArrayMaxSize, IsArray, IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';
import { asResource, IsId, Optional, PageQuery } from '#libs/http';
import type { User } from './user.entity.js';
import { AccountLockView } from './users.dto.js';

export class CreateServiceAccountRequest {
  /** What acts with its keys. @example 'nightly billing' */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'must not be blank' })
  name: string;

  /** Names of roles; absent: none, so that its keys may do nothing until it is given some. @example ['user'] */
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  roles?: string[];

  /** Absent: the caller's own. */
  @Optional()
  @IsId()
  organizationId?: string;
}

export class ChangeServiceAccountRequest {
  @Optional()
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'must not be blank' })
  name?: string;
}

export class ServiceAccountListQuery extends PageQuery {
  /** Part of the name, in any case. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Name of a role. */
  @Optional()
  @IsString()
  @MaxLength(100)
  role?: string;

  @Optional()
  @IsIn(['active', 'locked'])
  status?: 'active' | 'locked';
}

/** An account of an organization with keys that belong to no person. */
export class ServiceAccountView {
  id: string;
  name: string;
  organizationId: string;
  /** Names of the roles. @example ['user'] */
  roles: string[];
  /** What it was granted beside the roles. */
  permissions: string[];
  status: 'active' | 'locked';
  /** Null unless the status is `locked`. */
  lock: AccountLockView | null;
  createdAt: Date;
  updatedAt: Date;

  static of(user: User, roles: readonly { name: string }[], now: Date): ServiceAccountView {
    const lock = user.lockAt(now);
    const view = Object.assign(new ServiceAccountView(), {
      id: user.id,
      name: user.name ?? '',
      organizationId: user.organizationId,
      roles: roles.map(({ name }) => name),
      permissions: user.grants,
      status: lock === null ? 'active' : 'locked',
      lock,
      createdAt: user.createdAt,
      updatedAt: user.updatedAt,
    });
    const computed = [view.roles, view.status];
    return asResource(view, { path: `admin/service-accounts/${user.id}`, version: user.version, computed });
  }
}
