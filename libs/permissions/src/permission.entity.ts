import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A permission as last declared by the code; retired when no feature declares it any more. */
@Entity('permissions')
export class StoredPermission {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'permissions_pkey' })
  name: string;

  @Column('text')
  category: string;

  @Column('text')
  description: string;

  @Column('timestamptz', { name: 'declared_at', default: () => 'now()' })
  declaredAt: Date;

  @Column('timestamptz', { name: 'retired_at', nullable: true })
  retiredAt: Date | null;
}
