import { exactJson } from './canonical-json.js';
import type { ChainedEvent, ChainPoint } from './chained-event.js';
import { type AuditCheckpoint, isCheckpoint } from './checkpoint.js';

/** Puts a statement to the database, in whatever way. */
export type Ask = <R extends object>(sql: string, values: unknown[]) => Promise<R[]>;

/** A condition on `audit_events event`; every `?` stands for the value. */
export interface EventCondition {
  readonly sql: string;
  readonly value: unknown;
}

export interface EventRange {
  /** Events behind this position ... */
  readonly after: number;
  /** ... up to and with this one. */
  readonly until: number;
  readonly conditions?: readonly EventCondition[];
}

/** What the head of the chain says, and what stands outside of it. */
export interface ChainHead extends ChainPoint {
  readonly installation: string;
  /** Behind which the table begins, and what vouches for what was before; null where nothing was. */
  readonly base: ChainPoint & { readonly checkpoint: AuditCheckpoint | null };
  /** The first row that is behind the head or has no place at all. */
  readonly stranger: { readonly position: number | null; readonly id: string } | null;
}

interface HeadRow {
  installation: string;
  position: string;
  hash: string;
  base_position: string;
  base_hash: string;
  base_checkpoint: unknown;
  stranger: { position: number | null; id: string } | null;
}

interface EventRow {
  position: string;
  id: string;
  occurred_at: string;
  actor_kind: string;
  actor_name: string | null;
  actor_user_id: string | null;
  actor_key_id: string | null;
  organization_id: string | null;
  action: string;
  target_type: string;
  target_id: string | null;
  before: string | null;
  after: string | null;
  address: string | null;
  user_agent: string | null;
  request_id: string | null;
  previous: string | null;
  hash: string | null;
  mac: string | null;
  mac_key: string | null;
}

/** Positions that are read at once: a bounded piece of work however few of its rows match. */
const WINDOW = 250;

// a year before the first has the digits of one after it
const columns = `
  event.position::text, event.id, event.actor_kind, event.actor_name, event.actor_user_id, event.actor_key_id,
  event.organization_id, event.action, event.target_type, event.target_id, event.before::text, event.after::text,
  event.address, event.user_agent, event.request_id, event.mac_key,
  case when event.occurred_at < '0001-01-01' then 'BC ' else '' end ||
    coalesce(to_char(event.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), event.occurred_at::text)
    as occurred_at,
  encode(event.hash, 'hex') as hash, encode(event.mac, 'hex') as mac,
  encode(coalesce(former.hash, case when event.position = chain.base_position + 1 then chain.base_hash end), 'hex')
    as previous`;

// three questions, because each has an index and all of them in one have none
const stranger = `jsonb_build_object('position', event.position, 'id', event.id) from audit_events event`;
const head = `
  select chain.installation, chain.position::text, encode(chain.hash, 'hex') as hash,
    chain.base_position::text, encode(chain.base_hash, 'hex') as base_hash,
    chain.base_checkpoint,
    coalesce(
      (select ${stranger} where event.position is null order by event.id limit 1),
      (select ${stranger} where event.position > chain.position order by event.position limit 1),
      (select ${stranger} where event.position <= chain.base_position order by event.position limit 1)) as stranger
  from audit_chain chain`;

/** Of one moment. @throws Error when the table has no row */
export async function chainHead(ask: Ask): Promise<ChainHead> {
  const [row] = await ask<HeadRow>(head, []);
  if (row === undefined) throw new Error('The table audit_chain has no row.');
  const checkpoint = isCheckpoint(row.base_checkpoint) ? row.base_checkpoint : null;
  return {
    installation: row.installation,
    position: Number(row.position),
    hash: row.hash,
    base: { position: Number(row.base_position), hash: row.base_hash, checkpoint },
    stranger: row.stranger,
  };
}

/** Events in the order of the chain, window by window; between two windows no connection is held. */
export async function* storedEvents(
  ask: Ask,
  { after, until, conditions = [] }: EventRange,
): AsyncGenerator<ChainedEvent[], void> {
  const where = conditions.map(({ sql }, at) => ` and ${sql.replaceAll('?', `$${at + 3}`)}`).join('');
  const sql = `
    select ${columns} from audit_chain chain, audit_events event
    left join audit_events former on former.position = event.position - 1
    where event.position > $1 and event.position <= $2${where} order by event.position`;
  const values = conditions.map(({ value }) => value);
  for (let from = after; from < until; from += WINDOW) {
    const rows = await ask<EventRow>(sql, [from, Math.min(from + WINDOW, until), ...values]);
    yield rows.map(eventOf);
  }
}

/** Events that have no place in the chain yet, by their ids; the batch must have its place before the next is asked for. */
export async function* unchainedEvents(ask: Ask): AsyncGenerator<ChainedEvent[], void> {
  const sql = `
    select ${columns} from audit_chain chain, audit_events event
    left join audit_events former on former.position = event.position - 1
    where event.position is null order by event.id limit ${WINDOW}`;
  for (let rows = await ask<EventRow>(sql, []); rows.length > 0; rows = await ask<EventRow>(sql, []))
    yield rows.map(eventOf);
}

function eventOf(row: EventRow): ChainedEvent {
  return {
    position: Number(row.position),
    id: row.id,
    occurredAt: `${row.occurred_at.replace(/(\.\d{3})000$/, '$1')}Z`,
    actor: { kind: row.actor_kind, name: row.actor_name, userId: row.actor_user_id, keyId: row.actor_key_id },
    action: row.action,
    target: { type: row.target_type, id: row.target_id },
    organizationId: row.organization_id,
    before: stateOf(row.before),
    after: stateOf(row.after),
    address: row.address,
    userAgent: row.user_agent,
    requestId: row.request_id,
    previous: row.previous ?? '',
    hash: row.hash ?? '',
    mac: row.mac ?? '',
    macKey: row.mac_key ?? '',
  };
}

/** A JSON null is no state either, but was never written. */
function stateOf(text: string | null): unknown {
  if (text === null) return null;
  try {
    return text === 'null' ? { unreadable: text } : exactJson(text);
  } catch {
    return { unreadable: text }; // nobody wrote this by way of the chain, so that it fits no hash
  }
}
