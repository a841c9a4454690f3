import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Severity } from './security-detector.js';

export const eventStatuses = ['open', 'acknowledged', 'resolved'] as const;
export type EventStatus = (typeof eventStatuses)[number];

/** What a detector noticed, and what people have made of it. */
@Entity('security_events')
@Check('security_events_severity_check', `severity in ('low', 'medium', 'high', 'critical')`)
@Check('security_events_status_check', `status in ('open', 'acknowledged', 'resolved')`)
@Unique('security_events_window_key', ['detector', 'subject', 'windowStart'])
@Index('security_events_organization_id_idx', ['organizationId', 'id'])
export class SecurityEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'security_events_pkey' })
  id: string;

  @Column('timestamptz', { name: 'detected_at' })
  detectedAt: Date;

  @Column('text')
  detector: string;

  @Column('text')
  subject: string;

  @Column('timestamptz', { name: 'window_start' })
  windowStart: Date;

  @Column('text')
  severity: Severity;

  @Column('text')
  title: string;

  @Column('text')
  summary: string;

  @Column('uuid', { name: 'key_id', nullable: true })
  keyId: string | null;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('jsonb', { default: () => "'{}'" })
  details: Record<string, unknown>;

  @Column('text', { default: 'open' })
  status: EventStatus;

  @Column('timestamptz', { name: 'acknowledged_at', nullable: true })
  acknowledgedAt: Date | null;

  @Column('uuid', { name: 'acknowledged_by', nullable: true })
  acknowledgedBy: string | null;

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt: Date | null;

  @Column('uuid', { name: 'resolved_by', nullable: true })
  resolvedBy: string | null;

  @Column('text', { nullable: true })
  note: string | null;

  @Column('integer', { default: 1 })
  version: number;

  /** Somebody looks into it. */
  acknowledge(by: string | null, now: Date): void {
    if (this.status !== 'open') return;
    Object.assign(this, { status: 'acknowledged', acknowledgedAt: now, acknowledgedBy: by });
  }

  /** Nothing is left to do about it. */
  resolve(by: string | null, now: Date): void {
    if (this.status === 'resolved') return;
    Object.assign(this, { status: 'resolved', resolvedAt: now, resolvedBy: by });
  }
}
