import { IsString, IsUUID, MaxLength } from 'class-validator';
import { IsTime, Optional, PageQuery } from '#libs/http';
import type { AuditEvent } from './audit-event.entity.js';

/** Filters of the audit log; all given ones must hold. */
export class AuditLogQuery extends PageQuery {
  /** Id of the user or of the key that acted. */
  @Optional()
  @IsUUID()
  actor?: string;

  /** Such as `api_key.revoked`; `api_key.*` for all of a subject. */
  @Optional()
  @IsString()
  @MaxLength(100)
  action?: string;

  /** Id of what was changed. */
  @Optional()
  @IsString()
  @MaxLength(100)
  target?: string;

  /** Such as `api_key`, `user`, `role`. */
  @Optional()
  @IsString()
  @MaxLength(50)
  targetType?: string;

  /** The request in which it happened. */
  @Optional()
  @IsString()
  @MaxLength(128)
  requestId?: string;

  /** Events at or after this time. */
  @Optional()
  @IsTime()
  from?: string;

  /** Events before this time. */
  @Optional()
  @IsTime()
  to?: string;
}

/** Who acted. */
export class AuditActorView {
  kind: 'api_key' | 'system';
  /** For `system`: which part of it. */
  name: string | null;
  userId: string | null;
  keyId: string | null;
}

/** What was changed. */
export class AuditTargetView {
  type: string;
  id: string | null;
}

/** One audit event. */
export class AuditEventView {
  id: string;
  occurredAt: Date;
  actor: AuditActorView;
  action: string;
  target: AuditTargetView;
  organizationId: string | null;
  /** The changed members as they were. */
  before: Record<string, unknown> | null;
  /** The changed members as they are. */
  after: Record<string, unknown> | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;

  static of(event: AuditEvent): AuditEventView {
    return Object.assign(new AuditEventView(), {
      id: event.id,
      occurredAt: event.occurredAt,
      actor: { kind: event.actorKind, name: event.actorName, userId: event.actorUserId, keyId: event.actorKeyId },
      action: event.action,
      target: { type: event.targetType, id: event.targetId },
      organizationId: event.organizationId,
      before: event.before,
      after: event.after,
      address: event.address,
      userAgent: event.userAgent,
      requestId: event.requestId,
    });
  }
}
