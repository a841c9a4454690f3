import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';
import { grantPattern } from '#libs/access';
import { asResource, Clearable, IsId, Optional, PageQuery } from '#libs/http';
import type { Role } from './role.entity.js';

const grantForm = 'each entry must be <category>:<action>, <category>:* or *';

export class CreateRoleRequest {
  /** @example 'support' */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
    message: 'must be 1 to 63 of a-z, 0-9, ., _ and -, beginning with a letter or digit',
  })
  name: string;

  /** @example 'Reads users and unlocks their accounts' */
  @Clearable()
  @IsString()
  @MaxLength(500)
  description?: string | null;

  /** What the role grants; you must hold it yourself. @example ['users:read', 'users:lock'] */
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: grantForm })
  permissions: string[];

  /** The organization whose role it is. Absent: your own; null: offered to all organizations. */
  @Clearable()
  @IsId()
  organizationId?: string | null;

  /** Its holders see every organization; only for those whose own role does. */
  @Optional()
  @IsBoolean()
  installationWide?: boolean;
}

export class ChangeRoleRequest {
  @Clearable()
  @IsString()
  @MaxLength(500)
  description?: string | null;

  /** All that the role shall grant; in force at once for all who have it. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: grantForm })
  permissions?: string[];
}

export class DeleteRoleQuery {
  /** `true` takes the role from all users who have it; otherwise a role in use is kept and the answer is 409. */
  @Optional()
  @IsIn(['true', 'false'])
  withdraw?: 'true' | 'false';
}

export class RoleListQuery extends PageQuery {
  /** Part of name or description, in any case. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;
}

/** A named list of grants. */
export class RoleView {
  id: string;
  name: string;
  description: string;
  permissions: string[];
  /** Null: offered to all organizations. */
  organizationId: string | null;
  /** Built-in roles cannot be changed or deleted. */
  builtIn: boolean;
  /** Its holders see every organization. */
  installationWide: boolean;
  createdAt: Date;
  updatedAt: Date;

  static of(role: Role): RoleView {
    const { id, name, description, grants, organizationId, builtIn, installationWide, createdAt, updatedAt } = role;
    const facts = { id, name, description, permissions: grants, organizationId, builtIn, installationWide };
    const view = Object.assign(new RoleView(), { ...facts, createdAt, updatedAt });
    return asResource(view, { path: `admin/roles/${id}`, version: role.version });
  }
}
