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

/** Calls behind the one at time $3 with request id $4, newest first. */
const newest = (which: string): string => `
  select ${shown} from api_usage join usage_routes r on r.id = route_id
  where ${which} and ($3::timestamptz is null or (occurred_at <= $3 and (occurred_at, request_id) < ($3, $4::text)))
  order by occurred_at desc, request_id desc limit $2`;

/** Those of the hours $6 with the keys $5, and those made with a credential that has no id, down to the time $7. */
const calls = `
  select * from (
    select c.* from unnest($6::timestamptz[]) as hour (since) cross join lateral (${newest(
      `api_key_id = any ($5::uuid[]) and occurred_at >= hour.since and occurred_at < hour.since + interval '1 hour'`,
    )}) c
    union all
    (${newest('api_key_id is null and user_id = $1 and ($7::timestamptz is null or occurred_at >= $7)')})
  ) c order by "occurredAt" desc, "requestId" desc limit $2`;

/** There is no index by key: the sums tell in which hours its calls are, and the hours are found by time. */
const hours = `
  select since::text as since, sum(calls)::float8 as calls from (
    select p.bucket_at as since, p.calls from usage_series s join usage_points p on p.series_id = s.id
    where s.view = 'caller' and s.api_key_id = any ($1::uuid[]) and p.view = 'caller' and p.grain = 'hour'
    union all
    select date_trunc('hour', minute, 'UTC'), calls from usage_pending where api_key_id = any ($1::uuid[])
  ) h where $2::timestamptz is null or since <= $2 group by since order by since desc limit $3`;
const MOST_HOURS = 24;

const BATCH_ROWS = 2000;

/** Only the address and what the caller said of itself go; the row stays, and so do the sums. */
const stripHour = `
  with batch as (
    select tableoid, ctid from api_usage
    where api_key_id = any ($1::uuid[]) and occurred_at >= $2 and occurred_at < $2::timestamptz + interval '1 hour'
      and (address is not null or user_agent is not null) limit ${BATCH_ROWS}
  ), stripped as (
    update api_usage u set address = null, user_agent = null from batch b where u.tableoid = b.tableoid and u.ctid = b.ctid
  )
  select count(*)::int as rows from batch`;

/** The same for calls without a key; answers where the batch ended. */
const stripWithoutKey = `
  with batch as (
    select tableoid, ctid, occurred_at, request_id from api_usage
    where api_key_id is null and user_id = $1 and ($2::timestamptz is null
      or (occurred_at >= $2 and (occurred_at, request_id) >= ($2, $3::text)))
    order by occurred_at, request_id limit ${BATCH_ROWS}
  ), stripped as (
    update api_usage u set address = null, user_agent = null from batch b
    where u.tableoid = b.tableoid and u.ctid = b.ctid and (u.address is not null or u.user_agent is not null)
  )
  select occurred_at::text as at, request_id as id, (select count(*)::int from batch) as rows
  from batch order by occurred_at desc, request_id desc limit 1`;

/** When nothing of a call that was under way at the erasure can arrive any more. */
const SETTLED_AFTER = `interval '1 minute'`;

/** What the usage records hold of one user, and how it is taken out of them. */
@Injectable()
export class PersonalUsage {
  constructor(private readonly database: Database) {}

  /**
   * Newest first, behind `after`: the time and the request id of the call before. `searchedTo`: there may be more before
   * this time although they are fewer than `limit`; null when there are none.
   */
  async calls(
    userId: string,
    keyIds: readonly string[],
    limit: number,
    after: Position | undefined,
  ): Promise<{ calls: PersonalCall[]; searchedTo: string | null }> {
    const [at, requestId] = after ?? [null, null];
    const found = await this.database.query<{ since: string; calls: number }>(hours, [keyIds, at, MOST_HOURS]);
    const searched = enough(found, limit);
    const isAll = searched.length === found.length && found.length < MOST_HOURS;
    const searchedTo = isAll ? null : (searched.at(-1) ?? null);
    const parameters = [userId, limit, at, requestId, keyIds, searched, searchedTo];
    return { calls: await this.database.query<PersonalCall>(calls, parameters), searchedTo };
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

  /** Strips the calls with these keys, in batches, for as long as `mayGoOn`. */
  async stripOf(keyIds: readonly string[], mayGoOn: () => boolean): Promise<void> {
    const found = await this.database.query<{ since: string }>(hours, [keyIds, null, null]);
    for (const { since } of found) {
      let rows = BATCH_ROWS;
      while (rows === BATCH_ROWS && mayGoOn()) {
        const [batch] = await this.database.query<{ rows: number }>(stripHour, [keyIds, since]);
        rows = batch?.rows ?? 0;
      }
    }
  }

  /** Strips some of the user's calls without a key from `from` on; where to go on, undefined at the end. */
  async stripWithoutKey(userId: string, from: Position | undefined): Promise<Position | undefined> {
    const [at, id] = from ?? [null, null];
    const [last] = await this.database.query<{ at: string; id: string; rows: number }>(stripWithoutKey, [
      userId,
      at,
      id,
    ]);
    if (last === undefined || last.rows < BATCH_ROWS || (last.at === at && last.id === id)) return undefined;
    return [last.at, last.id];
  }
}

/** The first hours that hold more than `limit` calls: the calls of one of them may be before the cursor. */
function enough(found: readonly { since: string; calls: number }[], limit: number): string[] {
  const searched: string[] = [];
  let held = 0;
  for (const hour of found) {
    searched.push(hour.since);
    if (searched.length > 1) held += hour.calls;
    if (held >= limit) break;
  }
  return searched;
}
