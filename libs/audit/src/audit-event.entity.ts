import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A stored audit event; written by `AuditLog` alone and never changed. */
@Entity('audit_events')
@Check(
  'audit_events_chained_check',
  'position is not null and hash is not null and mac is not null and mac_key is not null',
)
@Index('audit_events_position_idx', ['position'], { unique: true })
@Index('audit_events_unchained_idx', ['id'], { where: 'position is null' })
@Index('audit_events_target_idx', ['targetType', 'targetId', 'id'])
@Index('audit_events_actor_user_id_idx', ['actorUserId', 'id'])
@Index('audit_events_organization_id_idx', ['organizationId', 'id'])
export class AuditEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_events_pkey' })
  id: string;

  @Column('timestamptz', { name: 'occurred_at', default: () => 'clock_timestamp()' })
  occurredAt: Date;

  @Column('text', { name: 'actor_kind' })
  actorKind: 'api_key' | 'system';

  @Column('text', { name: 'actor_name', nullable: true })
  actorName: string | null;

  @Column('uuid', { name: 'actor_user_id', nullable: true })
  actorUserId: string | null;

  @Column('uuid', { name: 'actor_key_id', nullable: true })
  actorKeyId: string | null;

  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;

  @Column('text')
  action: string;

  @Column('text', { name: 'target_type' })
  targetType: string;

  @Column('text', { name: 'target_id', nullable: true })
  targetId: string | null;

  @Column('jsonb', { nullable: true })
  before: Record<string, unknown> | null;

  @Column('jsonb', { nullable: true })
  after: Record<string, unknown> | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;

  /** Its place in the chain; null only for rows that an earlier version wrote and no server has adopted yet. */
  @Column('bigint', { nullable: true })
  position: string | null;

  @Column('bytea', { nullable: true, select: false })
  hash: Buffer | null;

  @Column('bytea', { nullable: true, select: false })
  mac: Buffer | null;

  @Column('text', { name: 'mac_key', nullable: true, select: false })
  macKey: string | null;
}
