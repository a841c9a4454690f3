import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/access';
import { Database } from '#libs/database';
import { Problem, uuidV7 } from '#libs/http';
import { AuditSinks } from './audit-sink.js';
import { AuditProblems } from './audit.problems.js';
import { PersonalValues } from './personal-values.js';

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
  /** Which members of `before` and `after` are personal, and of which user: they cannot be read once the user is erased. */
  readonly personal?: { readonly of: string; readonly members: readonly string[] };
}

const insertEvent = `
  insert into audit_events (
    id, actor_kind, actor_name, actor_user_id, actor_key_id, organization_id, action,
    target_type, target_id, before, after, address, user_agent, request_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  returning occurred_at`;

/** Writes who changed what, in the transaction of the change: either both are there or neither. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly database: Database,
    private readonly sinks: AuditSinks,
    private readonly values: PersonalValues,
  ) {}

  /** @throws Problem audit.unavailable when it cannot be written; the transaction must then be given up. */
  async record(told: AuditEntry): Promise<void> {
    const entry = await this.sealed(told);
    const { actor, target } = entry;
    const id = uuidV7();
    const values = [
      id,
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
    const occurredAt = await this.insert(values);
    if (this.sinks.exist) this.tellOnCommit(id, occurredAt, entry);
  }

  private async sealed(entry: AuditEntry): Promise<AuditEntry> {
    const { personal } = entry;
    if (personal === undefined) return entry;
    try {
      return await this.values.seal(personal.of, personal.members, entry);
    } catch (cause) {
      throw new Problem(AuditProblems.unavailable, { cause, retryAfter: 1 });
    }
  }

  private async insert(values: readonly unknown[]): Promise<Date> {
    try {
      const [row] = await this.database.query<{ occurred_at: Date }>(insertEvent, values);
      if (row === undefined) throw new Error('PostgreSQL did not tell when the event was recorded.');
      return row.occurred_at;
    } catch (cause) {
      throw new Problem(AuditProblems.unavailable, { cause, retryAfter: 1 });
    }
  }

  /** Sinks are given what was stored: the states as JSON has them, whatever becomes of the objects later. */
  private tellOnCommit(id: string, occurredAt: Date, entry: AuditEntry): void {
    const { kind, name, userId, keyId, address, userAgent, requestId } = entry.actor;
    const { action, target, organizationId } = entry;
    const [before, after] = [asStored(entry.before), asStored(entry.after)];
    const actor = { kind, name, userId, keyId };
    const agent = userAgent?.slice(0, 512) ?? null;
    const told = {
      id,
      occurredAt,
      actor,
      action,
      target,
      organizationId,
      before,
      after,
      address,
      userAgent: agent,
      requestId,
    };
    this.database.afterCommit(() => this.sinks.deliver(told));
  }
}

function asStored(value: object | undefined): Record<string, unknown> | null {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function asJson(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
