import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOBODY = `'00000000-0000-0000-0000-000000000000'::uuid`;
const upwards = ['hour', 'day', 'week'];
const all = ['minute', ...upwards];
/**
 * Which dimensions beside environment a view holds, and by which grains it is kept. There are most rows by key: without
 * status they are a third, which is what most questions about keys need.
 */
const views = [
  { view: 'environment', organization: false, key: false, route: false, status: true, grains: all },
  { view: 'endpoint', organization: false, key: false, route: true, status: true, grains: all },
  { view: 'organization', organization: true, key: false, route: false, status: true, grains: all },
  { view: 'route', organization: true, key: false, route: true, status: true, grains: all },
  { view: 'caller', organization: true, key: true, route: false, status: false, grains: all },
  { view: 'key', organization: true, key: true, route: false, status: true, grains: upwards },
  { view: 'key_route', organization: true, key: true, route: true, status: true, grains: upwards },
];
const dimensions = 'organization_id, environment, user_id, api_key_id, route_id, status_code';
/** A series, by the table that it is read from. */
const seriesOf = (table: string): string => `view, ${dimensions}`.replaceAll(/\w+/g, `${table}.$&`);
/** What of a call's dimensions a view `v` keeps; what it does not is as what nobody knows. */
const viewed = `
  case when v.by_organization then f.organization_id else ${NOBODY} end as organization_id,
  f.environment,
  case when v.by_key then f.user_id else ${NOBODY} end as user_id,
  case when v.by_key then f.api_key_id else ${NOBODY} end as api_key_id,
  case when v.by_route then f.route_id else 0 end as route_id,
  case when v.by_status then f.status_code else 0 end as status_code`;
/** What is added up, beside the number of calls. */
const measures = 'client_errors, server_errors, bytes, duration_us, latency';
const summed = (of: string): string =>
  ['calls', ...measures.split(', ')].map((measure) => `sum(${of}${measure}) as ${measure}`).join(', ');
const errors = (status: string, calls: string): string => `
  case when ${status} between 400 and 499 then ${calls} else 0 end as client_errors,
  case when ${status} >= 500 then ${calls} else 0 end as server_errors`;

/**
 * Sums of calls by minute, hour, day and week. Whoever writes calls adds their groups to usage_deltas in the same transaction, and
 * `usage_fold` moves groups from there into usage_points in one transaction: whenever anybody looks, points and deltas
 * together are the calls, each counted once. `usage_differences` proves it. Functions run with jit off: compiling their long
 * statements takes PostgreSQL seconds, running them milliseconds.
 */
export class UsageAggregates1764000050100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create type usage_view as enum (${views.map(({ view }) => `'${view}'`).join(', ')})`);
    await runner.query(`create type usage_grain as enum ('call', 'minute', 'hour', 'day', 'week')`);
    // weeks have seven days from the epoch on: whoever adds up days of any zone may begin anywhere
    await runner.query(`
      create function usage_bucket(grain usage_grain, at timestamptz) returns timestamptz immutable language sql as $$
        select case when grain = 'week' then to_timestamp(floor(extract(epoch from at) / 604800) * 604800)
          else date_trunc(grain::text, at, 'UTC') end
      $$`);
    await runner.query(`
      create table usage_views (
        view usage_view constraint usage_views_pkey primary key,
        by_organization boolean not null,
        by_key boolean not null,
        by_route boolean not null,
        by_status boolean not null
      )`);
    // one row without a view stands for the calls themselves; what is before kept_since may be gone an hour after moved_at
    await runner.query(`
      create table usage_shelves (
        view usage_view,
        grain usage_grain not null,
        kept_since timestamptz not null default 'epoch',
        moved_at timestamptz not null default 'epoch',
        constraint usage_shelves_view_grain_key unique nulls not distinct (view, grain)
      )`);
    await runner.query(`
      create table usage_series (
        id integer generated always as identity constraint usage_series_pkey primary key,
        status_code smallint not null,
        route_id integer not null,
        view usage_view not null,
        api_key_id uuid not null,
        organization_id uuid not null,
        user_id uuid not null,
        environment text not null,
        constraint usage_series_dimensions_key unique
          (view, api_key_id, organization_id, route_id, status_code, environment, user_id)
      )`);
    await runner.query(`
      create table usage_points (
        bucket_at timestamptz not null,
        calls bigint not null,
        client_errors bigint not null,
        server_errors bigint not null,
        bytes bigint not null,
        duration_us bigint not null,
        series_id integer not null,
        view usage_view not null,
        grain usage_grain not null,
        latency numeric not null,
        constraint usage_points_pkey primary key (view, grain, series_id, bucket_at)
      ) partition by list (view)`);
    // points come in the order of time: for the last day of all series, without reading the years before
    await runner.query(
      'create index usage_points_bucket_at_idx on usage_points using brin (bucket_at) with (pages_per_range = 16)',
    );
    for (const { view, organization, key, route, status, grains } of views) {
      await runner.query(`insert into usage_views values ('${view}', ${organization}, ${key}, ${route}, ${status})`);
      const points = `usage_points_${view}`;
      await runner.query(
        `create table ${points} partition of usage_points for values in ('${view}') partition by list (grain)`,
      );
      for (const grain of grains) {
        await runner.query(`create table ${points}_${grain} partition of ${points} for values in ('${grain}')`);
        await runner.query(`insert into usage_shelves (view, grain) values ('${view}', '${grain}')`);
      }
    }
    await runner.query(`insert into usage_shelves (view, grain) values (null, 'call')`);
    // rows live for seconds: without frequent vacuum it would be a large table with nothing in it
    await runner.query(`
      create table usage_deltas (
        minute timestamptz not null,
        bytes bigint not null,
        duration_us bigint not null,
        calls integer not null,
        route_id integer not null,
        status_code smallint not null,
        api_key_id uuid,
        user_id uuid,
        organization_id uuid,
        latency numeric not null
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)`);
    await this.latency(runner);
    await this.facts(runner);
    await this.fold(runner);
    await this.differences(runner);
    // whole weeks, as a sum says nothing of the part of it that stays; none of which calls are gone
    await runner.query(`
      create function usage_rebuild(since timestamptz, until timestamptz) returns void language plpgsql set jit = off as $$
      declare
        kept timestamptz := (select kept_since from usage_shelves where grain = 'call');
        first timestamptz := greatest(usage_bucket('week', since), usage_bucket('week', kept - interval '1 us') + interval '7 days');
        ending timestamptz := usage_bucket('week', until - interval '1 us') + interval '7 days';
      begin
        perform pg_advisory_xact_lock(hashtextextended('keyward usage fold', 0));
        -- the deletions and what is counted anew see the same moment: calls may go on being written meanwhile
        with deltas as (delete from usage_deltas where minute >= first and minute < ending),
          points as (delete from usage_points where bucket_at >= first and bucket_at < ending)
        insert into usage_deltas (minute, bytes, duration_us, calls, route_id, status_code, api_key_id, user_id,
          organization_id, latency)
        select date_trunc('minute', occurred_at), sum(response_bytes), sum(duration_us), count(*), route_id, status_code,
          api_key_id, user_id, organization_id, sum(usage_latency(duration_us))
        from api_usage where occurred_at >= first and occurred_at < ending
        group by date_trunc('minute', occurred_at), route_id, status_code, api_key_id, user_id, organization_id;
      end $$`);
    await runner.query(`select usage_rebuild('-infinity', 'infinity')`);
  }

  /** The bins of LatencyHistogram: lower bounds in microseconds, and the histogram of one call. */
  private async latency(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function usage_latency_bounds() returns integer[] immutable language sql as $$
        select array_agg(case when bin < 16 then bin * 8 else (bin % 8 + 8) << (bin / 8 + 2) end order by bin)
        from generate_series(1, 207) bin
      $$`);
    await runner.query(`
      create function usage_latency(duration_us integer) returns numeric immutable language sql as $$
        select ('1e' || (12 * width_bucket(duration_us, usage_latency_bounds()))::text)::numeric
      $$`);
  }

  /** Calls and groups in one form: environments looked up, and nobody and nothing written as such. */
  private async facts(runner: QueryRunner): Promise<void> {
    const who = (table: string): string => `
      coalesce(${table}.organization_id, ${NOBODY}) as organization_id, coalesce(k.environment, '') as environment,
      coalesce(${table}.user_id, ${NOBODY}) as user_id, coalesce(${table}.api_key_id, ${NOBODY}) as api_key_id,
      ${table}.route_id, ${table}.status_code`;
    await runner.query(`
      create view usage_pending as
      select d.ctid as place, d.minute, ${who('d')}, d.calls, ${errors('d.status_code', 'd.calls')}, d.bytes, d.duration_us, d.latency
      from usage_deltas d left join api_keys k on k.id = d.api_key_id`);
    await runner.query(`
      create view usage_calls as
      select c.occurred_at, ${who('c')}, ${errors('c.status_code', '1')}, c.response_bytes, c.duration_us
      from api_usage c left join api_keys k on k.id = c.api_key_id`);
  }

  private async fold(runner: QueryRunner): Promise<void> {
    const batch = `
      select minute, ${dimensions}, ${summed('')}
      from usage_pending where place = any (batch) group by minute, ${dimensions}`;
    await runner.query(`
      create function usage_fold(most integer) returns integer language plpgsql set jit = off as $$
      declare batch tid[];
      begin
        -- one at a time; whoever comes meanwhile leaves it to the other
        if not pg_try_advisory_xact_lock(hashtextextended('keyward usage fold', 0)) then return 0; end if;
        batch := array(select ctid from usage_deltas limit most);
        if cardinality(batch) = 0 then return 0; end if;
        -- "offset 0": each is looked up by itself, however many series there are
        insert into usage_series (view, ${dimensions})
        select distinct * from (select v.view, ${viewed} from (${batch}) f cross join usage_views v) n
        where not exists (
          select from usage_series s where (${seriesOf('s')}) = (${seriesOf('n')}) offset 0
        )
        on conflict do nothing;
        -- materialized, or the planner would join the series before it knows all that they are found by
        with f as materialized (
          select v.view, f.minute, ${viewed}, f.calls, f.client_errors, f.server_errors, f.bytes, f.duration_us, f.latency
          from (${batch}) f cross join usage_views v
        )
        insert into usage_points as p (view, grain, series_id, bucket_at, calls, ${measures})
        select s.view, g.grain, s.id, usage_bucket(g.grain, f.minute), ${summed('f.')}
        from f join usage_series s using (view, ${dimensions})
        join usage_shelves g on g.view = s.view
        group by s.view, g.grain, s.id, 4
        on conflict (view, grain, series_id, bucket_at) do update set
          calls = p.calls + excluded.calls, client_errors = p.client_errors + excluded.client_errors,
          server_errors = p.server_errors + excluded.server_errors, bytes = p.bytes + excluded.bytes,
          duration_us = p.duration_us + excluded.duration_us, latency = p.latency + excluded.latency;
        delete from usage_deltas where ctid = any (batch);
        return cardinality(batch);
      end $$`);
  }

  /** What the calls say, less what points and deltas say, wherever all of it is kept. Empty when every sum is right. */
  private async differences(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function usage_differences() returns table (
        view usage_view, grain usage_grain, bucket_at timestamptz, organization_id uuid, environment text, user_id uuid,
        api_key_id uuid, route_id integer, status_code smallint,
        calls numeric, client_errors numeric, server_errors numeric, bytes numeric, duration_us numeric, latency numeric
      ) stable language sql set jit = off as $$
        with facts as (
          select occurred_at as at, ${dimensions}, 1::numeric as calls, client_errors::numeric, server_errors::numeric,
            response_bytes::numeric as bytes, duration_us::numeric as duration_us, usage_latency(duration_us) as latency
          from usage_calls
          union all
          select minute, ${dimensions}, -calls, -client_errors, -server_errors, -bytes, -duration_us, -latency from usage_pending
        ), sums as (
          select v.view, g.grain, usage_bucket(g.grain, f.at) as bucket_at, ${viewed},
            f.calls, f.client_errors, f.server_errors, f.bytes, f.duration_us, f.latency
          from facts f cross join usage_views v join usage_shelves g on g.view = v.view
          union all
          select p.view, p.grain, p.bucket_at, s.organization_id, s.environment, s.user_id, s.api_key_id, s.route_id,
            s.status_code, -p.calls, -p.client_errors, -p.server_errors, -p.bytes, -p.duration_us, -p.latency
          from usage_points p join usage_series s on s.id = p.series_id
        )
        select view, grain, bucket_at, ${dimensions}, ${summed('s.')}
        from sums s
        where bucket_at >= (select max(k.kept_since) from usage_shelves k
          where k.grain = 'call' or (k.view = s.view and k.grain = s.grain))
        group by view, grain, bucket_at, ${dimensions}
        having sum(s.calls) <> 0 or sum(s.client_errors) <> 0 or sum(s.server_errors) <> 0 or sum(s.bytes) <> 0
          or sum(s.duration_us) <> 0 or sum(s.latency) <> 0
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const made of ['differences()', 'fold(integer)', 'rebuild(timestamptz, timestamptz)']) {
      await runner.query(`drop function usage_${made}`);
    }
    await runner.query('drop view usage_pending, usage_calls');
    await runner.query('drop function usage_latency(integer)');
    await runner.query('drop function usage_latency_bounds()');
    await runner.query('drop table usage_deltas, usage_points, usage_series, usage_shelves, usage_views');
    await runner.query('drop function usage_bucket(usage_grain, timestamptz)');
    await runner.query('drop type usage_grain');
    await runner.query('drop type usage_view');
  }
}
