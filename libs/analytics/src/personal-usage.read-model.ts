import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { Position } from '#libs/http';

/** One call, as its caller may read it. */
export interface PersonalCall {
  readonly occurredAt: Date;
  readonly method: string;
  readonly route: string | null;
  readonly statusCode: number;
  readonly durationMs: number;
  readonly keyId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly problemCode: string | null;
  /** The time with all its digits. */
  readonly at: string;
}

const shown = `
  occurred_at as "occurredAt", method, route, status_code as "statusCode", duration_us / 1000.0::float8 as "durationMs",
  api_key_id as "keyId", host(address) as address, user_agent as "userAgent", request_id as "requestId",
  problem_code as "problemCode", occurred_at::text as at`;

/** `which` calls, newest first, behind the one at time $4 with request id $5. */
const newest = (which: string): string => `
  select ${shown} from api_usage
  where ${which} and ($4::timestamptz is null or (occurred_at <= $4 and (occurred_at, request_id) < ($4, $5::text)))
  order by occurred_at desc, request_id desc limit $3`;

/** Key by key, because that is how records are found, and those made with a credential that has no id. */
const calls = `
  select * from (
    select c.* from unnest($2::uuid[]) as k (id) cross join lateral (${newest('api_key_id = k.id')}) c
    union all
    (${newest('api_key_id is null and user_id = $1')})
  ) c order by "occurredAt" desc, "requestId" desc limit $3`;

const BATCH_ROWS = 2000;

/** Only the address and what the caller said of itself go; the row stays for the sums. Answers where the batch ended. */
const strip = (which: string): string => `
  with batch as (
    select tableoid, ctid, occurred_at, request_id from api_usage
    where ${which} and ($2::timestamptz is null
      or (occurred_at >= $2 and (occurred_at, request_id) >= ($2, $3::text)))
    order by occurred_at, request_id limit ${BATCH_ROWS}
  ), stripped as (
    update api_usage u set address = null, user_agent = null from batch b
    where u.tableoid = b.tableoid and u.ctid = b.ctid and (u.address is not null or u.user_agent is not null)
  )
  select occurred_at::text as at, request_id as id, (select count(*)::int from batch) as rows
  from batch order by occurred_at desc, request_id desc limit 1`;

const stripByKey = strip('api_key_id = $1');
const stripWithoutKey = strip('api_key_id is null and user_id = $1');

/** When nothing of a call that was under way at the erasure can arrive any more. */
const SETTLED_AFTER = `interval '1 minute'`;

/** What the usage records hold of one user, and how it is taken out of them. */
@Injectable()
export class PersonalUsage {
  constructor(private readonly database: Database) {}

  /** Newest first, behind `after`: the time and the request id of the call before. */
  calls(
    userId: string,
    keyIds: readonly string[],
    limit: number,
    after: Position | undefined,
  ): Promise<PersonalCall[]> {
    const [at, requestId] = after ?? [null, null];
    return this.database.query<PersonalCall>(calls, [userId, keyIds, limit, at, requestId]);
  }

  async noteErasure(userId: string): Promise<void> {
    await this.database.query('insert into usage_erasures (user_id) values ($1) on conflict do nothing', [userId]);
  }

  pendingErasures(): Promise<{ userId: string; isSettled: boolean }[]> {
    return this.database.query(
      `select user_id as "userId", requested_at < now() - ${SETTLED_AFTER} as "isSettled"
       from usage_erasures where completed_at is null order by requested_at limit 100`,
    );
  }

  async erasureCompleted(userId: string): Promise<void> {
    await this.database.query('update usage_erasures set completed_at = now() where user_id = $1', [userId]);
  }

  /** Strips some of the user's calls with the key (null: without one) from `from` on; where to go on, undefined at the end. */
  async stripBatch(userId: string, keyId: string | null, from: Position | undefined): Promise<Position | undefined> {
    const statement = keyId === null ? stripWithoutKey : stripByKey;
    const [at, id] = from ?? [null, null];
    const [last] = await this.database.query<{ at: string; id: string; rows: number }>(statement, [
      keyId ?? userId,
      at,
      id,
    ]);
    if (last === undefined || last.rows < BATCH_ROWS || (last.at === at && last.id === id)) return undefined;
    return [last.at, last.id];
  }
}
