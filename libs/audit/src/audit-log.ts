import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/access';
import { Database } from '#libs/database';
import { Problem, uuidV7 } from '#libs/http';
import { AuditProblems } from './audit.problems.js';

/** What happened, as the feature that did it tells it. No secret, and no hash of one, may be in `before` or `after`. */
export interface AuditEntry {
  readonly actor: Actor;
  /** `<subject>.<past participle>`, such as `api_key.revoked`. */
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  /** The organization to which the target belongs; null when it belongs to the installation. */
  readonly organizationId: string | null;
  readonly before?: object;
  readonly after?: object;
}

const insertEvent = `
  insert into audit_events (
    id, actor_kind, actor_name, actor_user_id, actor_key_id, organization_id, action,
    target_type, target_id, before, after, address, user_agent, request_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;

/** Writes who changed what, in the transaction of the change: either both are there or neither. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  /** @throws Problem audit.unavailable when it cannot be written; the transaction must then be given up. */
  async record(entry: AuditEntry): Promise<void> {
    const { actor, target } = entry;
    const values = [
      uuidV7(),
      actor.kind,
      actor.name,
      actor.userId,
      actor.keyId,
      entry.organizationId,
      entry.action,
      target.type,
      target.id,
      asJson(entry.before),
      asJson(entry.after),
      actor.address,
      actor.userAgent?.slice(0, 512) ?? null,
      actor.requestId,
    ];
    try {
      await this.database.query(insertEvent, values);
    } catch (cause) {
      throw new Problem(AuditProblems.unavailable, { cause, retryAfter: 1 });
    }
  }
}

function asJson(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
