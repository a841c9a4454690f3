import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** What the hash of an audit event covers, as /admin/logs names it; what is sealed in the table is sealed here. */
export interface AuditFacts {
  /** 1 for the first event of the installation, without gaps. */
  readonly position: number;
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds; with microseconds where the table holds some. */
  readonly occurredAt: string;
  readonly actor: {
    readonly kind: string;
    readonly name: string | null;
    readonly userId: string | null;
    readonly keyId: string | null;
  };
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string | null };
  readonly organizationId: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** An event with its place in the chain; hashes in hexadecimal. */
export interface ChainedEvent extends AuditFacts {
  /** The hash of the event before it, as that one states it. */
  readonly previous: string;
  readonly hash: string;
  readonly mac: string;
  /** Which key the MAC was made with. */
  readonly macKey: string;
}

/** A place in the chain: the hash of the event at a position, or what stands before the first. */
export interface ChainPoint {
  readonly position: number;
  readonly hash: string;
}

/** Before the first event: SHA-256 of nothing. */
export const CHAIN_BEGINNING: ChainPoint = { position: 0, hash: createHash('sha256').digest('hex') };

/** The hash that `event` must have after an event with the hash `previous`: SHA-256(previous, canonical JSON of the facts). */
export function chainHash(previous: string, event: AuditFacts): Buffer {
  const { position, id, occurredAt, actor, action, target, organizationId } = event;
  const { before, after, address, userAgent, requestId } = event;
  const { kind, name, userId, keyId } = actor;
  const facts = {
    position,
    id,
    occurredAt,
    actor: { kind, name, userId, keyId },
    action,
    target: { type: target.type, id: target.id },
    organizationId,
    before,
    after,
    address,
    userAgent,
    requestId,
  };
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(canonicalJson(facts)).digest();
}
