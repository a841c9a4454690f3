import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOBODY = `'00000000-0000-0000-0000-000000000000'::uuid`;
const dimensions = 'organization_id, environment, user_id, api_key_id, route_id, status_code';
const measures = 'client_errors, server_errors, bytes, duration_us, latency';
const before = 'usage_fold_until_1764000070000';

/** `template` for each of the names, in which it stands as `$&`. */
const each = (names: string, template: string): string => names.replaceAll(/\w+/g, template);

/**
 * `usage_fold` reads each group once, while it deletes it, instead of four times, because it takes time from whoever writes
 * calls. The planner cannot know how many groups there are: nested loops are off, as one over many would never end. A plan is
 * not kept, for one of the time when there were few series reads all of them for each of many groups.
 */
export class UsageFoldInOnePass1764000070000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter function usage_fold(integer) rename to ${before}`);
    await runner.query(`
      create function usage_fold(most integer) returns integer language plpgsql
      set jit = off set enable_nestloop = off set plan_cache_mode = force_custom_plan as $$
      declare folded integer;
      begin
        -- one at a time; whoever comes meanwhile leaves it to the other
        if not pg_try_advisory_xact_lock(hashtextextended('keyward usage fold', 0)) then return 0; end if;
        with deltas as (
          delete from usage_deltas where ctid = any (array(select ctid from usage_deltas limit most)) returning *
        ), groups as (
          select minute, organization_id, user_id, api_key_id, route_id, status_code, count(*) as deltas,
            coalesce((select k.environment from api_keys k where k.id = api_key_id), '') as environment,
            ${each('calls, bytes, duration_us, latency', 'sum($&) as $&')}
          from deltas group by minute, organization_id, user_id, api_key_id, route_id, status_code
        ), shelves as (
          select s.view, s.grain, m.minute, usage_bucket(s.grain, m.minute) as bucket_at
          from usage_shelves s cross join (select distinct minute from groups) m where s.view is not null
        ), viewed as (
          select v.view, g.minute,
            case when v.by_organization then coalesce(g.organization_id, ${NOBODY}) else ${NOBODY} end as organization_id,
            g.environment,
            case when v.by_key then coalesce(g.user_id, ${NOBODY}) else ${NOBODY} end as user_id,
            case when v.by_key then coalesce(g.api_key_id, ${NOBODY}) else ${NOBODY} end as api_key_id,
            case when v.by_route then g.route_id else 0 end as route_id,
            case when v.by_status then g.status_code else 0 end as status_code,
            g.calls,
            case when g.status_code between 400 and 499 then g.calls else 0 end as client_errors,
            case when g.status_code >= 500 then g.calls else 0 end as server_errors,
            g.bytes, g.duration_us, g.latency
          from groups g cross join usage_views v
        ), sums as (
          select view, minute, ${dimensions}, ${each(`calls, ${measures}`, 'sum($&) as $&')}
          from viewed group by view, minute, ${dimensions}
        ), found as materialized (
          select n.*, (
            select s.id from usage_series s
            where (${each(`view, ${dimensions}`, 's.$&')}) = (${each(`view, ${dimensions}`, 'n.$&')})
          ) as series_id
          from sums n
        ), made as (
          insert into usage_series (view, ${dimensions})
          select distinct view, ${dimensions} from found where series_id is null
          returning id, view, ${dimensions}
        ), added as (
          insert into usage_points as p (view, grain, series_id, bucket_at, calls, ${measures})
          select f.view, s.grain, coalesce(f.series_id, m.id), s.bucket_at, ${each(`calls, ${measures}`, 'sum(f.$&)')}
          from found f join shelves s using (view, minute) left join made m using (view, ${dimensions})
          group by f.view, s.grain, coalesce(f.series_id, m.id), s.bucket_at
          on conflict (view, grain, series_id, bucket_at) do update
          set ${each(`calls, ${measures}`, '$& = p.$& + excluded.$&')}
        )
        select coalesce(sum(deltas), 0) into folded from groups;
        return folded;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function usage_fold(integer)');
    await runner.query(`alter function ${before}(integer) rename to usage_fold`);
  }
}
