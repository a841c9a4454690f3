import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsEmail, IsIn, IsString, Length, MaxLength } from 'class-validator';
import { Clearable, IsId, IsTime, Optional, PageQuery } from '#libs/http';
import { type AccountLock, type SubscriptionTier, subscriptionTiers, type User, type UserKind } from './user.entity.js';

const trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().normalize('NFC') : value));

export class CreateUserRequest {
  /** @example 'ada@example.com' */
  @trimmed()
  @IsEmail()
  @MaxLength(254)
  email: string;

  @Clearable()
  @IsString()
  @Length(1, 200)
  name?: string | null;

  @Optional()
  @IsIn(subscriptionTiers)
  subscriptionTier?: SubscriptionTier;

  /** Names of roles; absent: `user`. */
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

export class ChangeUserRequest {
  @Optional()
  @trimmed()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @Clearable()
  @IsString()
  @Length(1, 200)
  name?: string | null;

  @Optional()
  @IsIn(subscriptionTiers)
  subscriptionTier?: SubscriptionTier;
}

export class ChangeProfileRequest {
  @Clearable()
  @IsString()
  @Length(1, 200)
  name?: string | null;
}

export class LockUserRequest {
  /** Shown to the holder of the account's keys and kept in the audit log. */
  @IsString()
  @Length(1, 500)
  reason: string;

  /** When the lock ends by itself; absent or null: until somebody unlocks it. */
  @Clearable()
  @IsTime()
  until?: string | null;
}

export class AssignRolesRequest {
  /** Names of all the roles that the user shall have. @example ['user'] */
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  roles: string[];
}

export class UserListQuery extends PageQuery {
  /** Part of the e-mail address or name, in any case. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Default: persons alone. */
  @Optional()
  @IsIn(['person', 'service', 'all'])
  kind?: 'person' | 'service' | 'all';

  /** Name of a role. */
  @Optional()
  @IsString()
  @MaxLength(100)
  role?: string;

  @Optional()
  @IsIn(['active', 'locked'])
  status?: 'active' | 'locked';

  @Optional()
  @IsIn(subscriptionTiers)
  subscriptionTier?: SubscriptionTier;

  /** Default: newest first. */
  @Optional()
  @IsIn(['createdAt', '-createdAt', 'email', '-email'])
  sort?: 'createdAt' | '-createdAt' | 'email' | '-email';
}

/** Why and until when an account is locked. */
export class AccountLockView implements AccountLock {
  reason: string;
  at: Date;
  /** Null: until somebody unlocks it. */
  until: Date | null;
}

/** A user. */
export class UserView {
  id: string;
  /** `service` for the service account of an organization. */
  kind: UserKind;
  /** Of a service account one at which nobody can be reached. */
  email: string;
  name: string | null;
  organizationId: string;
  subscriptionTier: SubscriptionTier;
  /** Names of the roles. @example ['user'] */
  roles: string[];
  /** What the user was granted beside the roles. */
  permissions: string[];
  status: 'active' | 'locked';
  /** Null unless the status is `locked`. */
  lock: AccountLockView | null;
  createdAt: Date;
  updatedAt: Date;

  static of(user: User, roles: readonly { name: string }[], now: Date): UserView {
    const lock = user.lockAt(now);
    return Object.assign(new UserView(), {
      id: user.id,
      kind: user.kind,
      email: user.email,
      name: user.name,
      organizationId: user.organizationId,
      subscriptionTier: user.subscriptionTier,
      roles: roles.map(({ name }) => name),
      permissions: user.grants,
      status: lock === null ? 'active' : 'locked',
      lock,
      createdAt: user.createdAt,
      updatedAt: user.updatedAt,
    });
  }
}
