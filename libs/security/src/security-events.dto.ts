import { IsIn, IsString, Length, MaxLength } from 'class-validator';
import { asResource, Clearable, IsId, IsTime, Optional, PageQuery } from '#libs/http';
import { type EventStatus, eventStatuses, type SecurityEvent } from './security-event.entity.js';
import { severities, type Severity } from './security-detector.js';

const settled = ['acknowledged', 'resolved'] as const;

/** Filters of the security events; all given ones must hold. */
export class SecurityEventListQuery extends PageQuery {
  @Optional()
  @IsIn(eventStatuses)
  status?: EventStatus;

  @Optional()
  @IsIn(severities)
  severity?: Severity;

  /** Which detector raised it, such as `brute-force`. */
  @Optional()
  @IsString()
  @MaxLength(100)
  detector?: string;

  @Optional()
  @IsId()
  keyId?: string;

  @Optional()
  @IsId()
  userId?: string;

  /** The client's address. */
  @Optional()
  @IsString()
  @MaxLength(64)
  address?: string;

  /** Events at or after this time. */
  @Optional()
  @IsTime()
  from?: string;

  /** Events before this time. */
  @Optional()
  @IsTime()
  to?: string;
}

export class ChangeSecurityEventRequest {
  /** `acknowledged`: somebody looks into it. `resolved`: nothing is left to do, and it stays so. */
  @Optional()
  @IsIn(settled)
  status?: (typeof settled)[number];

  /** What was found or done, for whoever reads it next. */
  @Clearable()
  @IsString()
  @Length(1, 2000)
  note?: string | null;
}

/** What a detector noticed. */
export class SecurityEventView {
  id: string;
  detectedAt: Date;
  /** @example brute-force */
  detector: string;
  severity: Severity;
  title: string;
  summary: string;
  keyId: string | null;
  userId: string | null;
  /** Null: it concerns no single organization. */
  organizationId: string | null;
  address: string | null;
  /** Figures that go with the summary. */
  details: Record<string, unknown>;
  status: EventStatus;
  acknowledgedAt: Date | null;
  /** Id of the user. */
  acknowledgedBy: string | null;
  resolvedAt: Date | null;
  /** Id of the user. */
  resolvedBy: string | null;
  note: string | null;

  static of(event: SecurityEvent): SecurityEventView {
    const { id, version } = event;
    const view = Object.assign(new SecurityEventView(), {
      id,
      detectedAt: event.detectedAt,
      detector: event.detector,
      severity: event.severity,
      title: event.title,
      summary: event.summary,
      keyId: event.keyId,
      userId: event.userId,
      organizationId: event.organizationId,
      address: event.address,
      details: event.details,
      status: event.status,
      acknowledgedAt: event.acknowledgedAt,
      acknowledgedBy: event.acknowledgedBy,
      resolvedAt: event.resolvedAt,
      resolvedBy: event.resolvedBy,
      note: event.note,
    });
    return asResource(view, { path: `admin/security/events/${id}`, version });
  }
}
