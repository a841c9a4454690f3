import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const organizationStatuses = ['active', 'suspended'] as const;
export type OrganizationStatus = (typeof organizationStatuses)[number];

/** A tenant: users and keys belong to exactly one. */
@Entity('organizations')
@Index('organizations_slug_key', { synchronize: false })
export class Organization {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organizations_pkey' })
  id: string;

  @Column('text')
  slug: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'suspended_at', nullable: true })
  suspendedAt: Date | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** An organization belongs to itself: whoever is bound to one reaches that one. */
  get organizationId(): string {
    return this.id;
  }

  get status(): OrganizationStatus {
    return this.suspendedAt === null ? 'active' : 'suspended';
  }

  suspend(now: Date): void {
    this.suspendedAt ??= now;
  }

  resume(): void {
    this.suspendedAt = null;
  }

  /** Marks the organization as gone; the row stays for the records that refer to it. */
  remove(now: Date): void {
    this.deletedAt = now;
    this.suspendedAt ??= now;
  }
}

/** Made by the first migration; users for whom none is named belong to it. */
export const DEFAULT_ORGANIZATION_ID = '00000000-0000-7000-8000-000000000000';
