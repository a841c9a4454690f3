import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A user has a role. */
@Entity('role_assignments')
@Index('role_assignments_role_id_idx', ['roleId'])
export class RoleAssignment {
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'role_assignments_pkey' })
  userId: string;

  @PrimaryColumn('uuid', { name: 'role_id', primaryKeyConstraintName: 'role_assignments_pkey' })
  roleId: string;

  @Column('timestamptz', { name: 'assigned_at', default: () => 'now()' })
  assignedAt: Date;
}
