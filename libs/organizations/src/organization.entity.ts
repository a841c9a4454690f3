import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A tenant: users and keys belong to exactly one. */
@Entity('organizations')
@Unique('organizations_slug_key', ['slug'])
export class Organization {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organizations_pkey' })
  id: string;

  @Column('text')
  slug: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'suspended_at', nullable: true })
  suspendedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

/** Made by the first migration; users for whom none is named belong to it. */
export const DEFAULT_ORGANIZATION_ID = '00000000-0000-7000-8000-000000000000';
