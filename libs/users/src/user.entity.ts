import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const subscriptionTiers = ['free', 'pro', 'enterprise'] as const;
export type SubscriptionTier = (typeof subscriptionTiers)[number];

export const userKinds = ['person', 'service'] as const;
/** `service`: an account of the organization, with keys that outlive whoever made them. */
export type UserKind = (typeof userKinds)[number];

/** Why and until when an account is locked; without an end it is until somebody unlocks it. */
export interface AccountLock {
  readonly reason: string;
  readonly at: Date;
  readonly until: Date | null;
}

/** Who owns keys and has roles: a person, or a service account. */
@Entity('users')
@Index('users_organization_id_idx', ['organizationId', 'id'])
@Index('users_api_key_hash_key', { synchronize: false })
@Check('users_api_key_hash_check', `api_key_hash ~ '^[0-9a-f]{64}$'`)
@Check('users_kind_check', `kind in ('person', 'service')`)
@Index('users_email_key', { synchronize: false })
export class User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text', { default: 'person' })
  kind: UserKind;

  /** Of a service account, and of a person who was erased, one at which nobody can be reached. */
  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { name: 'subscription_tier', default: 'free' })
  subscriptionTier: SubscriptionTier;

  /** What the user was granted beside their roles. */
  @Column('text', { array: true, default: () => "'{}'" })
  grants: string[];

  /** SHA-256 (hex) of a legacy key. */
  @Column('text', { name: 'api_key_hash', nullable: true })
  apiKeyHash: string | null;

  @Column('timestamptz', { name: 'locked_at', nullable: true })
  lockedAt: Date | null;

  @Column('timestamptz', { name: 'locked_until', nullable: true })
  lockedUntil: Date | null;

  @Column('text', { name: 'lock_reason', nullable: true })
  lockReason: string | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** When everything personal was taken out of the row. */
  @Column('timestamptz', { name: 'erased_at', nullable: true })
  erasedAt: Date | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** The lock in force at `now`; null when there is none or it has run out. */
  lockAt(now: Date): AccountLock | null {
    if (this.lockedAt === null || (this.lockedUntil !== null && this.lockedUntil <= now)) return null;
    return { reason: this.lockReason ?? '', at: this.lockedAt, until: this.lockedUntil };
  }

  lock(reason: string, until: Date | null, now: Date): void {
    Object.assign(this, { lockedAt: now, lockedUntil: until, lockReason: reason });
  }

  unlock(): void {
    Object.assign(this, { lockedAt: null, lockedUntil: null, lockReason: null });
  }

  /** Marks the user as gone; the row stays for those that refer to it, the legacy key does not. */
  remove(now: Date): void {
    this.deletedAt ??= now;
    this.apiKeyHash = null;
  }

  revokeLegacyKey(): void {
    this.apiKeyHash = null;
  }

  /** Removes the user and takes everything personal out of the row; what is left refers to somebody unknown. */
  erase(now: Date): void {
    this.remove(now);
    Object.assign(this, { erasedAt: now, email: unreachableEmail(this.id, 'erased'), name: null, lockReason: null });
  }
}

/** A user who has just been taken in: a person, unless it is said otherwise. */
export function newUser(
  id: string,
  { organizationId, email, name }: Pick<User, 'organizationId' | 'email' | 'name'>,
  now: Date,
): User {
  return Object.assign(new User(), {
    id,
    organizationId,
    kind: 'person' as const,
    email,
    name,
    subscriptionTier: 'free' as const,
    grants: [],
    apiKeyHash: null,
    lockedAt: null,
    lockedUntil: null,
    lockReason: null,
    deletedAt: null,
    erasedAt: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
}

/** An address that can never exist (RFC 2606, 2), because the column is unique and never empty. */
export function unreachableEmail(id: string, why: 'erased' | 'service-account'): string {
  return `${id}@${why}.invalid`;
}
