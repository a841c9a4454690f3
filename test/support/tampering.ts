import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { chainHash, type ChainedEvent } from '../../libs/audit/src/chain/chained-event.js';
import { storedEvents } from '../../libs/audit/src/chain/stored-events.js';
import { asking } from './audit-chain.js';

/** What was done to the table, and the first row that is wrong because of it. */
export interface Tampering {
  readonly what: string;
  readonly firstWrong: number;
  /** Whether it can be seen without the installation's key. */
  readonly isPublic: boolean;
}

type Random = () => number;
type Tamper = (db: pg.Client, rows: number, random: Random) => Promise<Tampering>;

/** A new value for every column; none is what a row may hold already. */
const alterations: Readonly<Record<string, string>> = {
  id: 'gen_random_uuid()',
  occurred_at: `occurred_at + (case when random() < 0.5 then 1 else -1 end) * interval '1 microsecond' * (1 + floor(random() * 1e9))`,
  actor_kind: `case actor_kind when 'system' then 'api_key' else 'system' end`,
  actor_name: `coalesce(actor_name, '') || 'x'`,
  actor_user_id: 'gen_random_uuid()',
  actor_key_id: 'gen_random_uuid()',
  organization_id: 'gen_random_uuid()',
  action: `action || 'x'`,
  target_type: `upper(target_type)`,
  target_id: `case when target_id is null then '' end`,
  before: `coalesce(before, '{}') || '{"tampered": 1}'`,
  after: `case when after is null then '{}'::jsonb end`,
  address: `coalesce(address, '') || ' '`,
  user_agent: `coalesce(user_agent, '') || '\u00e9'`,
  request_id: `reverse(coalesce(request_id, 'ab'))||'-'`,
  hash: `sha256(hash)`,
};
const secretAlterations: Readonly<Record<string, string>> = {
  mac: 'sha256(mac)',
  mac_key: `md5(mac_key)`,
};

const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const alter =
  (columns: Readonly<Record<string, string>>, isPublic: boolean): Tamper =>
  async (db, rows, random) => {
    const [firstWrong, column] = [between(random, 1, rows), pick(random, Object.keys(columns))];
    await db.query(`update audit_events set ${column} = ${columns[column]} where position = $1`, [firstWrong]);
    return { what: `alter ${column}`, firstWrong, isPublic };
  };

const backDate: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await db.query(`update audit_events set occurred_at = occurred_at - interval '1 day' where position = $1`, [
    firstWrong,
  ]);
  return { what: 'back-date', firstWrong, isPublic: true };
};

const moveAway: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await db.query('update audit_events set position = $2 where position = $1', [firstWrong, rows + 1_000_000]);
  return { what: 'move a row away', firstWrong, isPublic: true };
};

const remove: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await db.query('delete from audit_events where position = $1', [firstWrong]);
  return { what: 'delete', firstWrong, isPublic: true };
};

/** By way of negative numbers, for positions are unique. */
async function shift(db: pg.Client, from: number, by: number): Promise<void> {
  await db.query('update audit_events set position = -(position + $2) where position >= $1', [from, by]);
  await db.query('update audit_events set position = -position where position < 0');
  await db.query(
    `update audit_chain set position = position + $1,
    hash = coalesce((select hash from audit_events order by position desc limit 1), hash)`,
    [by],
  );
}

const closeUp: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows - 1);
  await db.query('delete from audit_events where position = $1', [firstWrong]);
  await shift(db, firstWrong + 1, -1);
  return { what: 'delete and close up', firstWrong, isPublic: true };
};

const insert: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await shift(db, firstWrong, 1);
  await copy(db, between(random, 1, rows - 1), firstWrong, random);
  return { what: 'insert', firstWrong, isPublic: true };
};

const insertBesides: Tamper = async (db, rows) => {
  await db.query('alter table audit_events drop constraint audit_events_chained_check');
  await db.query(`insert into audit_events (id, actor_kind, action, target_type) values ($1, 'system', 'a.b', 'c')`, [
    randomUUID(),
  ]);
  return { what: 'insert without a place', firstWrong: rows + 1, isPublic: true };
};

/** With a right hash, and everything moved on; only a MAC is lacking. */
const append: Tamper = async (db, rows, random) => {
  await copy(db, between(random, 1, rows), rows + 1, random);
  await rehash(db, rows + 1);
  return { what: 'append', firstWrong: rows + 1, isPublic: false };
};

const swap: Tamper = async (db, rows, random) => {
  const a = between(random, 1, rows - 1);
  const b = random() < 0.5 ? a + 1 : between(random, a + 1, rows);
  await db.query('update audit_events set position = -$1 - $2 + position where position in ($1, $2)', [a, b]);
  await db.query('update audit_events set position = -position where position < 0');
  return { what: 'swap', firstWrong: a, isPublic: true };
};

const cutTail: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await db.query('delete from audit_events where position >= $1', [firstWrong]);
  const hides = random() < 0.7;
  if (hides) await rehead(db);
  return { what: hides ? 'cut the tail and the head' : 'cut the tail', firstWrong, isPublic: true };
};

const rewriteTail: Tamper = async (db, rows, random) => {
  const firstWrong = between(random, 1, rows);
  await db.query(`update audit_events set actor_user_id = gen_random_uuid() where position = $1`, [firstWrong]);
  await rehash(db, firstWrong);
  return { what: 'rewrite the tail', firstWrong, isPublic: true };
};

const pretendArchived: Tamper = async (db, rows, random) => {
  const gone = between(random, 1, rows - 1);
  await db.query(
    `update audit_chain set base_position = $1, base_hash = (select hash from audit_events where position = $1)`,
    [gone],
  );
  await db.query('delete from audit_events where position <= $1', [gone]);
  return { what: 'delete the beginning as if archived', firstWrong: 1, isPublic: true };
};

const tamperings: readonly Tamper[] = [
  alter(alterations, true),
  alter(alterations, true),
  alter(alterations, true),
  alter(secretAlterations, false),
  backDate,
  moveAway,
  remove,
  closeUp,
  insert,
  insertBesides,
  append,
  swap,
  cutTail,
  rewriteTail,
  pretendArchived,
];

/** Does something to the table of `rows` rows that no server would do. */
export function tamper(db: pg.Client, rows: number, random: Random): Promise<Tampering> {
  return pick(random, tamperings)(db, rows, random);
}

/** Seeded: the same numbers for the same seed. */
export function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function copy(db: pg.Client, of: number, to: number, random: Random): Promise<void> {
  await db.query(
    `insert into audit_events select (jsonb_populate_record(null::audit_events, to_jsonb(e) || jsonb_build_object(
       'id', gen_random_uuid(), 'position', $2::bigint, 'target_id', $3::text))).*
     from (select * from audit_events where position >= $1 order by position limit 1) e`,
    [of, to, `slipped in ${random()}`],
  );
}

/** As somebody would who knows how the chain is made, but not the key. */
async function rehash(db: pg.Client, from: number): Promise<void> {
  let events: ChainedEvent[] = [];
  for await (const batch of storedEvents(asking(db), { after: from - 1, until: from + 100_000 }))
    if (batch.length === 0) break;
    else events = events.concat(batch);
  let previous = events[0]?.previous ?? '';
  const hashes = events.map((event) => {
    const hash = chainHash(previous, event);
    previous = hash.toString('hex');
    return hash;
  });
  await db.query(
    `update audit_events e set hash = r.hash from unnest($1::bigint[], $2::bytea[]) as r (position, hash)
     where e.position = r.position`,
    [events.map(({ position }) => position), hashes],
  );
  await rehead(db);
}

async function rehead(db: pg.Client): Promise<void> {
  await db.query(`update audit_chain set (position, hash) = (select coalesce(max(position), 0),
    coalesce((select hash from audit_events order by position desc limit 1), sha256('')) from audit_events)`);
}
