import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Quota, RateLimit } from '#libs/access';

export const keyStatuses = ['active', 'disabled', 'expired', 'revoked', 'rotating'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

/** A key as it is kept: everything but its secret. */
@Entity('api_keys')
@Unique('api_keys_rotated_from_key', ['rotatedFrom'])
@Index('api_keys_owner_id_idx', ['ownerId', 'id'])
@Index('api_keys_organization_id_idx', ['organizationId', 'id'])
@Check('api_keys_secret_hash_check', `(secret_hash is null) = (pepper_version is null)`)
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'owner_id' })
  ownerId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('text')
  environment: string;

  /** The key up to its secret; of an imported key what is known of its beginning, or `imported`. */
  @Column('text')
  start: string;

  /** Null for an imported key that has not been used yet: what proves it until then stands in `imported_keys`. */
  @Column('bytea', { name: 'secret_hash', nullable: true })
  secretHash: Buffer | null;

  @Column('text', { name: 'pepper_version', nullable: true })
  pepperVersion: string | null;

  @Column('text', { array: true })
  grants: string[];

  /** Addresses and CIDR ranges; empty: from everywhere. */
  @Column('text', { name: 'allowed_addresses', array: true, default: () => "'{}'" })
  allowedAddresses: string[];

  @Column('jsonb', { name: 'rate_limit', nullable: true })
  rateLimit: RateLimit | null;

  @Column('jsonb', { nullable: true })
  quota: Quota | null;

  @Column('jsonb', { default: () => "'{}'" })
  metadata: Record<string, unknown>;

  @Column('text', { array: true, default: () => "'{}'" })
  tags: string[];

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  /** In the future while a rotated key still works beside its successor. */
  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('text', { name: 'revocation_reason', nullable: true })
  revocationReason: string | null;

  /** The key that this one replaces; a key is replaced once. */
  @Column('uuid', { name: 'rotated_from', nullable: true })
  rotatedFrom: string | null;

  /** Under which key rate and quota are counted: the first of a line of rotations; null: this one. */
  @Column('uuid', { name: 'limit_subject', nullable: true })
  limitSubject: string | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('inet', { name: 'last_used_address', nullable: true })
  lastUsedAddress: string | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  statusAt(now: Date): KeyStatus {
    if (this.revokedAt !== null && this.revokedAt <= now) return 'revoked';
    if (this.expiresAt !== null && this.expiresAt <= now) return 'expired';
    if (this.disabledAt !== null) return 'disabled';
    return this.revokedAt === null ? 'active' : 'rotating';
  }

  /** Ends the key at `at`; an end that has come, or comes sooner, stays as it is. */
  revoke(at: Date, reason: string | null): void {
    if (this.revokedAt !== null && this.revokedAt <= at) return;
    this.revokedAt = at;
    this.revocationReason = reason;
  }

  disable(now: Date): void {
    this.disabledAt ??= now;
  }

  enable(): void {
    this.disabledAt = null;
  }
}
