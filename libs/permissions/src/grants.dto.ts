import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, Matches } from 'class-validator';
import { grantPattern } from '#libs/access';
import { IsId, Optional } from '#libs/http';

const listed = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.split(',') : value);

/** Permissions, and the one role, user or key that they are about. */
export class GrantTarget {
  /** In a query: separated by commas. @example ['orders:read'] */
  @Optional()
  @Transform(listed)
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: 'each entry must be <category>:<action>, <category>:* or *' })
  permissions?: string[];

  @Optional()
  @IsId()
  roleId?: string;

  @Optional()
  @IsId()
  userId?: string;

  @Optional()
  @IsId()
  keyId?: string;
}

/** What a role, user or key is granted after the change. */
export class GrantsView {
  kind: 'role' | 'user' | 'key';
  id: string;
  permissions: string[];

  static of(kind: 'role' | 'user' | 'key', id: string, grants: readonly string[]): GrantsView {
    return Object.assign(new GrantsView(), { kind, id, permissions: [...grants] });
  }
}
