import { Column, Entity, PrimaryColumn } from 'typeorm';

/** In place of an environment's name: all of them. No environment can be called so. */
export const ALL_ENVIRONMENTS = '*';

/** What the keys of an organization must keep to, in one environment or in all of them; null: no such rule. */
@Entity('key_policies')
export class KeyPolicy {
  @PrimaryColumn('uuid', { name: 'organization_id', primaryKeyConstraintName: 'key_policies_pkey' })
  organizationId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'key_policies_pkey' })
  environment: string;

  @Column('integer', { name: 'default_lifetime_days', nullable: true })
  defaultLifetimeDays: number | null;

  @Column('integer', { name: 'maximum_lifetime_days', nullable: true })
  maximumLifetimeDays: number | null;

  @Column('boolean', { name: 'allow_list_required', default: false })
  allowListRequired: boolean;

  @Column('text', { name: 'forbidden_permissions', array: true, default: () => "'{}'" })
  forbiddenPermissions: string[];

  @Column('integer', { name: 'maximum_keys_per_owner', nullable: true })
  maximumKeysPerOwner: number | null;

  /** Of the whole organization. */
  @Column('integer', { name: 'maximum_keys', nullable: true })
  maximumKeys: number | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
