import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { LatencyHistogram } from './latency-histogram.js';
import { factsOf, Parameters, shownValue, valuesOf, type Facts, type UsageGroups } from './usage-facts.query.js';
import { partsOf, type UsageKept, type UsageParts, weekOf } from './usage-parts.js';
import type {
  GroupOrder,
  GroupTotals,
  SeriesRow,
  UsageFilter,
  UsageGrouping,
  UsageGroupValue,
  UsagePeriod,
  UsageTotals,
} from './usage-question.js';
import { viewOf, type UsageView } from './usage-view.js';

interface Row {
  readonly step: number;
  readonly value: string | null;
  readonly method: string | null;
  readonly calls: number;
  readonly client_errors: number;
  readonly server_errors: number;
  readonly bytes: number;
  readonly duration_us: number;
  readonly latency: string | null;
}

const sums = `
  coalesce(sum(calls), 0)::float8 as calls,
  coalesce(sum(client_errors), 0)::float8 as client_errors,
  coalesce(sum(server_errors), 0)::float8 as server_errors,
  coalesce(sum(bytes), 0)::float8 as bytes,
  coalesce(sum(duration_us), 0)::float8 as duration_us,
  sum(latency)::text as latency`;

const orders: Readonly<Record<GroupOrder, string>> = {
  calls: 'sum(calls)',
  errors: 'sum(client_errors + server_errors)',
  latency: 'sum(duration_us) / sum(calls)',
  bytes: 'sum(bytes)',
};

/** How many groups, and which. */
export interface FirstGroups {
  readonly limit: number;
  readonly order: GroupOrder;
}

/** What there is of a series; steps without calls have no row. */
export interface SeriesRows {
  readonly rows: readonly SeriesRow[];
  /** Of steps without a row, too. */
  readonly isExact?: false;
}

export interface RankedGroup extends UsageGroupValue {
  readonly calls: number;
}

/**
 * Sums over calls, by period, filter, group and step, from what is kept by minute, hour, day and week: what a question costs
 * grows with groups and steps, not with calls. Every answer is of one moment.
 */
@Injectable()
export class UsageAggregates {
  constructor(private readonly database: Database) {}

  totals(period: UsagePeriod, filter: UsageFilter): Promise<UsageTotals> {
    return this.atOneMoment(async () => {
      const { facts, isExact } = await this.facts([period.from, period.to], filter, undefined);
      const parameters = new Parameters();
      const [row] = await this.database.query<Row>(
        `select ${sums} from (${factsOf(facts, parameters)}) f`,
        parameters.values,
      );
      if (row === undefined) throw new Error('A sum over no rows is still one row.');
      return totalsOf(row, isExact);
    });
  }

  /** The first `limit` groups in descending `order`; equal ones in the order of their values. */
  grouped(period: UsagePeriod, filter: UsageFilter, by: UsageGrouping, first: FirstGroups): Promise<GroupTotals[]> {
    return this.atOneMoment(async () => {
      const { facts, isExact } = await this.facts([period.from, period.to], filter, { by });
      const among = await this.ranking(facts, by, first);
      if (among.length === 0) return [];
      const rows = await this.rows({ ...facts, groups: { by, among } });
      const place = new Map(among.map((group, index) => [nameOf(group), index]));
      return rows
        .toSorted((a, b) => (place.get(nameOf(a)) ?? 0) - (place.get(nameOf(b)) ?? 0))
        .map((row) => groupOf(row, isExact));
    });
  }

  /** The same groups, of which only their calls are asked. */
  ranked(period: UsagePeriod, filter: UsageFilter, by: UsageGrouping, first: FirstGroups): Promise<RankedGroup[]> {
    return this.atOneMoment(async () => {
      const { facts } = await this.facts([period.from, period.to], filter, { by });
      return this.ranking(facts, by, first);
    });
  }

  /** The groups of every step between two `boundaries`; without `groups` one group with a null value. */
  series(boundaries: readonly Date[], filter: UsageFilter, groups?: UsageGroups): Promise<SeriesRows> {
    return this.atOneMoment(async () => {
      const { facts, isExact } = await this.facts(boundaries, filter, groups);
      const rows = await this.rows({ ...facts, boundaries });
      return {
        rows: rows.map((row) => Object.assign(groupOf(row, isExact), { step: row.step })),
        ...(isExact ? {} : { isExact: false }),
      };
    });
  }

  /** How many keys made at least one call. */
  activeKeys(period: UsagePeriod, filter: UsageFilter): Promise<number> {
    return this.atOneMoment(async () => {
      const groups = { by: 'key' } as const;
      const { facts, kept } = await this.facts([period.from, period.to], filter, groups);
      const weeksSince = kept.week <= weekOf(period.from).getTime() ? period.from : undefined;
      const parameters = new Parameters();
      const [row] = await this.database.query<{ keys: number }>(
        `select count(distinct ${shownValue('key')})::float8 as keys from (${valuesOf({ ...facts, groups, weeksSince }, parameters)}) f`,
        parameters.values,
      );
      return row?.keys ?? 0;
    });
  }

  /**
   * All that is asked in `work` sees the same calls, whatever is written, folded or dropped meanwhile. Compiling a statement
   * takes longer than these run; what they sort and group is small, but not as small as PostgreSQL's default of 4 MB.
   */
  atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    if (this.database.currentTransaction !== undefined) return work();
    return this.database.transaction(async () => {
      await this.database.query('set transaction isolation level repeatable read read only');
      await this.database.query(`select set_config('jit', 'off', true), set_config('work_mem', '16MB', true)`);
      return work();
    });
  }

  private ranking(facts: Facts, by: UsageGrouping, { limit, order }: FirstGroups): Promise<RankedGroup[]> {
    const parameters = new Parameters();
    return this.database.query<RankedGroup>(
      `select ${shownValue(by)} as value, method, calls from (
         select value, method, sum(calls)::float8 as calls, ${orders[order]} as rank
         from (${factsOf({ ...facts, withLatency: false }, parameters)}) f
         group by value, method having sum(calls) > 0
       ) g order by rank desc, 1, 2 limit ${parameters.add(limit)}`,
      parameters.values,
    );
  }

  private rows(facts: Facts): Promise<Row[]> {
    const parameters = new Parameters();
    return this.database.query<Row>(
      `select step, ${shownValue(facts.groups?.by)} as value, method, ${sums} from (${factsOf(facts, parameters)}) f
       group by step, f.value, method order by 1, 2, 3`,
      parameters.values,
    );
  }

  private async facts(
    boundaries: readonly Date[],
    filter: UsageFilter,
    groups: UsageGroups | undefined,
  ): Promise<{ facts: Facts; isExact: boolean; kept: UsageKept }> {
    const view = viewOf(filter, groups?.by);
    const { parts, isExact, kept } = await this.parts(boundaries, view);
    return { facts: { view, parts, filter, groups, withLatency: true }, isExact, kept };
  }

  private async parts(boundaries: readonly Date[], view: UsageView): Promise<UsageParts & { kept: UsageKept }> {
    const shelves = await this.database.query<{ grain: keyof UsageKept; since: number; noneSince: number }>(
      `select grain, extract(epoch from kept_since)::float8 * 1000 as since, extract(epoch from none_since)::float8 * 1000 as "noneSince"
       from usage_shelves, (${noneSince}) n where view = $1 or grain = 'call'`,
      [view],
    );
    const kept = { call: Infinity, minute: Infinity, hour: Infinity, day: Infinity, week: Infinity };
    for (const { grain, since } of shelves) kept[grain] = since;
    return { ...partsOf(boundaries, kept, shelves[0]?.noneSince), kept };
  }
}

/** Now; or, where a server's clock is ahead, the end of the last minute that it wrote calls of. */
const noneSince = `
  select coalesce(max(minute) + interval '1 minute', now()) as none_since from (
    select bucket_at as minute from usage_points
    where view = 'environment' and grain = 'minute' and bucket_at > date_trunc('minute', now())
    union all select minute from usage_deltas where minute > date_trunc('minute', now())
  ) ahead`;

function nameOf({ value, method }: UsageGroupValue): string {
  return JSON.stringify([value, method]);
}

function groupOf(row: Row, isExact: boolean): GroupTotals {
  return { value: row.value, method: row.method, ...totalsOf(row, isExact) };
}

function totalsOf(row: Row, isExact: boolean): UsageTotals {
  return {
    calls: row.calls,
    clientErrors: row.client_errors,
    serverErrors: row.server_errors,
    bytes: row.bytes,
    durationUs: row.duration_us,
    latency: LatencyHistogram.parse(row.latency),
    ...(isExact ? {} : { isExact: false }),
  };
}
