import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/access';
import { Problem, uuidV7 } from '#libs/http';
import { AuditSinks } from './audit-sink.js';
import { AuditProblems } from './audit.problems.js';
import { AuditChain } from './chain/audit-chain.js';
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

/** Writes who changed what, in the transaction of the change: either both are there or neither. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly chain: AuditChain,
    private readonly sinks: AuditSinks,
    private readonly values: PersonalValues,
  ) {}

  /**
   * The row is written right before the transaction is committed.
   * @throws Problem audit.unavailable, here or from the transaction, when it cannot be; then nothing is changed.
   */
  async record(told: AuditEntry): Promise<void> {
    const { actor, action, target, organizationId, before, after } = await this.sealed(told);
    const event = {
      id: uuidV7(),
      actor: { kind: actor.kind, name: actor.name, userId: stored(actor.userId), keyId: stored(actor.keyId) },
      action,
      target: { type: target.type, id: target.id },
      organizationId: stored(organizationId),
      before: asStored(before),
      after: asStored(after),
      address: actor.address,
      userAgent: actor.userAgent?.slice(0, 512) ?? null,
      requestId: actor.requestId,
    };
    await this.chain.append(event, ({ position, occurredAt }, hash) => {
      if (this.sinks.exist) this.sinks.deliver({ ...event, position, occurredAt: new Date(occurredAt), hash });
    });
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
}

/** An id as the database will return it: the hash of the event covers what can be read again. */
function stored(id: string | null): string | null {
  return id === null ? null : id.toLowerCase();
}

/** The state as JSON has it, whatever becomes of the object later. */
function asStored(value: object | undefined): Record<string, unknown> | null {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
