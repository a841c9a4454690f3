import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A named list of grants. Without an organization it is offered to all of them. */
@Entity('roles')
@Unique('roles_name_key', ['organizationId', 'name'])
export class Role {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'roles_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;

  @Column('text')
  name: string;

  @Column('text', { default: () => "''" })
  description: string;

  @Column('text', { array: true, default: () => "'{}'" })
  grants: string[];

  @Column('boolean', { name: 'built_in', default: false })
  builtIn: boolean;

  /** Its holders see the rows of every organization, not only of their own. */
  @Column('boolean', { name: 'installation_wide', default: false })
  installationWide: boolean;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

/** The built-in role that holds everything. */
export const ADMIN_ROLE = 'admin';
/** The built-in role of everybody else. */
export const USER_ROLE = 'user';
