import { IntersectionType } from '@nestjs/swagger';
import { Type as Convert } from 'class-transformer';
import { IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { type DownloadFormat, downloadFormats, IsId, IsTime, Optional, PageQuery } from '#libs/http';
import type { AuditEvent } from './audit-event.entity.js';
import type { FaultKind } from './chain/chain-fault.js';
import type { StoredVerification } from './chain/verification.js';

/** Filters of the audit log; all given ones must hold. */
export class AuditFilter {
  /** Id of the user or of the key that acted. */
  @Optional()
  @IsId()
  actor?: string;

  /** Such as `api_key.revoked`; `api_key.*` for all of a subject. */
  @Optional()
  @IsString()
  @MaxLength(100)
  action?: string;

  /** Id of what was changed; a UUID in either case. */
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

export class AuditLogQuery extends IntersectionType(AuditFilter, PageQuery) {}

export class AuditExportQuery extends AuditFilter {
  @IsIn(downloadFormats)
  format: DownloadFormat;

  /** The `position` of the last row that you have: the file goes on behind it. */
  @Optional()
  @Convert(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after?: number;
}

export class AuditVerificationQuery {
  /** `next` of the previous answer: the verification goes on behind this row. Absent: from the first row. */
  @Optional()
  @Convert(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after?: number;

  /** How many rows to verify at most; an answer may stop before, when it has taken long. */
  @Optional()
  @Convert(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  limit: number = 10_000;
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
  /** Its place in the chain: 1 for the first event of the installation, without gaps. */
  position: number | null;
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
      position: event.position === null ? null : Number(event.position),
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

/** The first row that is wrong. */
export class AuditFaultView {
  kind: FaultKind;
  /** Null for a row without one. */
  position: number | null;
  /** Where it is known only that one of several rows is the first wrong one: the last of them. */
  until?: number;
  id: string | null;
  detail: string;
}

/** What a verification of the audit log found. */
export class AuditVerificationView {
  valid: boolean;
  fault: AuditFaultView | null;
  /** How many rows were verified, and were right. */
  events: number;
  /** The last of them, or where the verification began. */
  position: number;
  /** The last row that there is. */
  headPosition: number;
  /** The last row that was archived; the table begins behind it. */
  archivedPosition: number;
  /** Pass it as `after` to verify what comes next; null at the end, and at a fault. */
  next: number | null;
  /** Rows whose key is not known any more; checkpoints prove them. */
  unknownMacs: number;
  /** The Ed25519 public key, in base64url, that verifies the checkpoints of this installation. */
  publicKey: string;

  static of({ fault, events, to, head, unknownMacs }: StoredVerification, publicKey: string): AuditVerificationView {
    return Object.assign(new AuditVerificationView(), {
      valid: fault === null,
      fault,
      events,
      position: to.position,
      headPosition: head.position,
      archivedPosition: head.base.position,
      next: fault !== null || to.position >= head.position ? null : to.position,
      unknownMacs,
      publicKey,
    });
  }
}
