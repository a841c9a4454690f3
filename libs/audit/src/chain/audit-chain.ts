import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Problem } from '#libs/http';
import { AuditProblems } from '../audit.problems.js';
import { type AuditFacts, chainHash, type ChainPoint } from './chained-event.js';
import { ChainKeys } from './chain-keys.js';

/** An event that has no place in the chain yet. */
export type UnchainedEvent = Omit<AuditFacts, 'position' | 'occurredAt'>;

/** An event that is being appended, and who wants to know once it is committed. */
interface Appending {
  readonly event: UnchainedEvent;
  readonly committed: (facts: AuditFacts, hash: string) => void;
}

const takeHead = `
  select position::text, encode(hash, 'hex') as hash, date_trunc('milliseconds', clock_timestamp()) as now
  from audit_chain for update`;

const append = `
  with head as (update audit_chain set position = $1, hash = $2 where position = $3)
  insert into audit_events (
    position, hash, mac, mac_key, occurred_at, id, actor_kind, actor_name, actor_user_id, actor_key_id, organization_id,
    action, target_type, target_id, before, after, address, user_agent, request_id)
  select e.position, e.hash, e.mac, $4, $5, e.id, e.actor_kind, e.actor_name, e.actor_user_id, e.actor_key_id,
    e.organization_id, e.action, e.target_type, e.target_id, e.before, e.after, e.address, e.user_agent, e.request_id
  from unnest($6::bigint[], $7::bytea[], $8::bytea[], $9::uuid[], $10::text[], $11::text[], $12::uuid[], $13::uuid[],
    $14::uuid[], $15::text[], $16::text[], $17::text[], $18::jsonb[], $19::jsonb[], $20::text[], $21::text[], $22::text[])
  as e (position, hash, mac, id, actor_kind, actor_name, actor_user_id, actor_key_id, organization_id, action,
    target_type, target_id, before, after, address, user_agent, request_id)`;

/**
 * Appends events to the chain, by any number of replicas. Those of a transaction are kept until right before its commit:
 * only then is the head of the chain locked, for two round trips and the commit. It is the last lock that a transaction
 * takes, so nobody can wait for it in a circle, and what is rolled back leaves no gap.
 */
@Injectable()
export class AuditChain {
  private readonly waiting = new WeakMap<object, Appending[]>();

  constructor(
    private readonly database: Database,
    private readonly keys: ChainKeys,
  ) {}

  /** `committed` is told the event as it stands in the table. Outside a transaction it is appended at once. */
  async append(event: UnchainedEvent, committed: Appending['committed'] = () => undefined): Promise<void> {
    await this.database.transaction(async () => {
      const transaction = this.database.currentTransaction;
      if (transaction === undefined) throw new Error('Work in a transaction is not in one.');
      const waiting = this.waiting.get(transaction);
      if (waiting !== undefined) waiting.push({ event, committed });
      else {
        this.waiting.set(transaction, [{ event, committed }]);
        this.database.beforeCommit(() => this.write(transaction));
      }
    });
  }

  private async write(transaction: object): Promise<void> {
    const appending = this.waiting.get(transaction) ?? [];
    this.waiting.delete(transaction); // what is recorded from now on is written once more
    try {
      const { head, now } = await this.takeHead();
      const events = this.chained(head, now, appending);
      await this.insert(head, now, events);
      this.database.afterCommit(() => {
        for (const { facts, hash, committed } of events) committed(facts, hash.toString('hex'));
      });
    } catch (cause) {
      throw new Problem(AuditProblems.unavailable, { cause, retryAfter: 1 });
    }
  }

  private async takeHead(): Promise<{ head: ChainPoint; now: Date }> {
    const [row] = await this.database.query<{ position: string; hash: string; now: Date }>(takeHead);
    if (row === undefined) throw new Error('The table audit_chain has no row.');
    return { head: { position: Number(row.position), hash: row.hash }, now: row.now };
  }

  private chained(head: ChainPoint, now: Date, appending: readonly Appending[]) {
    let { position, hash: previous } = head;
    return appending.map(({ event, committed }) => {
      const facts = { ...event, position: ++position, occurredAt: now.toISOString() };
      const hash = chainHash(previous, facts);
      previous = hash.toString('hex');
      return { facts, hash, committed };
    });
  }

  private async insert(head: ChainPoint, now: Date, events: ReturnType<AuditChain['chained']>): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    const column = <T>(value: (facts: AuditFacts) => T): T[] => events.map(({ facts }) => value(facts));
    await this.database.query(append, [
      last.facts.position,
      last.hash,
      head.position,
      this.keys.macKey,
      now,
      column(({ position }) => position),
      events.map(({ hash }) => hash),
      events.map(({ hash }) => this.keys.mac(hash)),
      column(({ id }) => id),
      column(({ actor }) => actor.kind),
      column(({ actor }) => actor.name),
      column(({ actor }) => actor.userId),
      column(({ actor }) => actor.keyId),
      column(({ organizationId }) => organizationId),
      column(({ action }) => action),
      column(({ target }) => target.type),
      column(({ target }) => target.id),
      column(({ before }) => asJson(before)),
      column(({ after }) => asJson(after)),
      column(({ address }) => address),
      column(({ userAgent }) => userAgent),
      column(({ requestId }) => requestId),
    ]);
  }
}

function asJson(state: unknown): string | null {
  return state === null ? null : JSON.stringify(state);
}
