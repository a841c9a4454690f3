import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { UsageGrain } from './usage-parts.js';

const BATCH_ROWS = 5000;
/** Changing partitions has to wait for whoever reads them, and whoever comes later waits behind it: rather try again. */
const LOCK_TIMEOUT = '300ms';

/** A kind of rows that are kept for some time: calls, or the sums of a view by a grain. */
export interface UsageShelf {
  readonly view: string | null;
  readonly grain: UsageGrain | 'call';
}

/** A day in UTC, such as 2026-01-31. */
export type UsageDay = string;

/** What is done to the tables of usage beside writing calls; the database's time decides what is old. */
@Injectable()
export class UsageTables {
  constructor(private readonly database: Database) {}

  /** Moves up to `most` groups into the sums; resolves to how many, which is 0 as well while another replica is at it. */
  async fold(most: number): Promise<number> {
    const [row] = await this.database.query<{ folded: number }>('select usage_fold($1) as folded', [most]);
    return row?.folded ?? 0;
  }

  /** Those of today and of `ahead` more days that have no partition. */
  async daysAhead(ahead: number): Promise<UsageDay[]> {
    const rows = await this.database.query<{ day: UsageDay }>(
      `select day::text from (
         select (now() at time zone 'UTC')::date + n as day from generate_series(0, $1::int) n
         except select day from usage_partitions()
       ) days order by day`,
      [ahead],
    );
    return rows.map(({ day }) => day);
  }

  /** Days of which the default partition has calls; undefined when it has more than `most`, which it reads no further. */
  async daysInDefault(most: number): Promise<UsageDay[] | undefined> {
    const rows = await this.database.query<{ day: UsageDay; calls: number }>(
      `select (occurred_at at time zone 'UTC')::date::text as day, count(*)::int as calls from (
         select occurred_at from api_usage_default where occurred_at < '9999-12-31' limit $1::int + 1
       ) caught group by 1 order by 1 limit 100`,
      [most],
    );
    const calls = rows.reduce((sum, row) => sum + row.calls, 0);
    return calls > most ? undefined : rows.map(({ day }) => day);
  }

  async makePartition(day: UsageDay): Promise<void> {
    await this.changePartitions('select usage_make_partition($1)', day);
  }

  async dropPartition(day: UsageDay): Promise<void> {
    await this.changePartitions('select usage_drop_partition($1)', day);
  }

  /** Days with a partition, oldest first: how old they are, and whether they may go. */
  partitions(
    retentionDays: number,
  ): Promise<{ day: UsageDay; isDue: boolean; isAnnounced: boolean; mayGo: boolean }[]> {
    return this.database.query(
      `select day::text, due as "isDue", due and kept as "isAnnounced", due and kept and moved_at <= now() - interval '1 hour' as "mayGo"
       from (
         select day, moved_at, day < (now() at time zone 'UTC')::date - $1::int as due,
           day + 1 <= (kept_since at time zone 'UTC')::date as kept
         from usage_partitions(), usage_shelves where grain = 'call'
       ) p order by day`,
      [retentionDays],
    );
  }

  shelves(): Promise<UsageShelf[]> {
    return this.database.query('select view, grain from usage_shelves');
  }

  /** From now on nobody counts on what is older than so many days; it may be taken away an hour later. */
  async announce({ view, grain }: UsageShelf, days: number): Promise<void> {
    await this.database.query(
      `update usage_shelves set kept_since = last.day, moved_at = now()
       from (select date_trunc('day', now(), 'UTC') - make_interval(days => $3) as day) last
       where view is not distinct from $1::usage_view and grain = $2::usage_grain and kept_since < last.day`,
      [view, grain, days],
    );
  }

  /** Deletes some rows of a shelf that nobody counts on any more; resolves to whether there may be more. */
  async deleteOld({ view, grain }: UsageShelf): Promise<boolean> {
    const [table, at] = view === null ? ['api_usage_default', 'occurred_at'] : ['usage_points', 'bucket_at'];
    const shelf = view === null ? 'true' : 'p.view = $1::usage_view and p.grain = $2::usage_grain';
    const [row] = await this.database.query<{ rows: number }>(
      `with old as (
         select p.tableoid, p.ctid from ${table} p
         where ${shelf} and p.${at} < (select kept_since from usage_shelves s
           where s.view is not distinct from $1::usage_view and s.grain = $2::usage_grain and s.moved_at <= now() - interval '1 hour')
         limit ${BATCH_ROWS}
       ), gone as (delete from ${table} p using old where p.tableoid = old.tableoid and p.ctid = old.ctid)
       select count(*)::int as rows from old`,
      [view, grain],
    );
    return row?.rows === BATCH_ROWS;
  }

  private async changePartitions(change: string, day: UsageDay): Promise<void> {
    await this.database.transaction(async () => {
      await this.database.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      await this.database.serialize('usage partitions');
      await this.database.query(change, [day]);
    });
  }
}
