import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Usage records by day: a partition each, which retention drops whole, and one that catches what no day is there for. Method
 * and route stand in a dictionary, the columns so that nothing is lost to alignment. There is no index by key: what is asked
 * about a key is answered from the aggregates, which also tell in which hours its calls are.
 *
 * The functions that change tables run as their owner, so that the server needs no right to do it itself.
 */
export class UsagePartitions1764000050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table usage_routes (
        id integer generated always as identity constraint usage_routes_pkey primary key,
        method text not null,
        route text,
        constraint usage_routes_method_route_key unique nulls not distinct (method, route)
      )`);
    await runner.query(`
      create function usage_route_id(of_method text, of_route text) returns integer language plpgsql as $$
      declare found_id integer;
      begin
        loop
          select id into found_id from usage_routes where method = of_method and route is not distinct from of_route;
          exit when found_id is not null;
          insert into usage_routes (method, route) values (of_method, of_route) on conflict do nothing;
        end loop;
        return found_id;
      end $$`);
    await runner.query('alter table api_usage rename to api_usage_of_old');
    await runner.query('drop index api_usage_occurred_at_idx, api_usage_api_key_id_idx, api_usage_keyless_user_idx');
    await runner.query(`
      create table api_usage (
        occurred_at timestamptz not null,
        duration_us integer not null,
        response_bytes integer not null default 0,
        route_id integer not null,
        status_code smallint not null,
        api_key_id uuid,
        user_id uuid,
        organization_id uuid,
        address inet,
        user_agent text,
        request_id text not null,
        problem_code text,
        refusal text
      ) partition by range (occurred_at)`);
    await runner.query(
      'create index api_usage_occurred_at_idx on api_usage using brin (occurred_at) with (pages_per_range = 128, autosummarize = on)',
    );
    // finds the calls of a user that were made without a key of the table api_keys; it costs all others nothing
    await runner.query(`
      create index api_usage_keyless_user_idx on api_usage (user_id, occurred_at)
      where api_key_id is null and user_id is not null`);
    await runner.query('create table api_usage_default partition of api_usage default');
    await runner.query(`
      create function usage_make_partition(day date) returns boolean language plpgsql security definer set timezone = 'UTC' as $$
      declare
        since constant timestamptz := day;
        until constant timestamptz := day + 1;
        partition constant text := 'api_usage_p' || to_char(day, 'YYYYMMDD');
        catches boolean;
      begin
        if to_regclass(quote_ident(partition)) is not null then return false; end if;
        execute format('create table %I (like api_usage including defaults)', partition);
        -- what this day has in the default moves over in one moment, for readers too: they look for partitions under this lock
        catches := exists (select from api_usage_default where occurred_at >= since and occurred_at < until);
        if catches then lock table api_usage in access exclusive mode; end if;
        lock table api_usage_default in access exclusive mode;
        if not catches and exists (select from api_usage_default where occurred_at >= since and occurred_at < until) then
          raise exception 'Calls of % have come this very moment; try again.', day;
        end if;
        execute format(
          'with moved as (delete from api_usage_default where occurred_at >= %L and occurred_at < %L returning *)
           insert into %I select * from moved', since, until, partition);
        execute format('alter table api_usage attach partition %I for values from (%L) to (%L)', partition, since, until);
        return true;
      end $$`);
    await runner.query(`
      create function usage_drop_partition(day date) returns boolean language plpgsql security definer as $$
      declare
        partition constant regclass := to_regclass(quote_ident('api_usage_p' || to_char(day, 'YYYYMMDD')));
      begin
        if not exists (select from pg_inherits where inhparent = 'api_usage'::regclass and inhrelid = partition) then
          return false;
        end if;
        execute format('drop table %s', partition);
        return true;
      end $$`);
    await runner.query(`
      create function usage_partitions() returns table (day date) stable language sql as $$
        select to_date(substring(relname from '^api_usage_p(\\d{8,})$'), 'YYYYMMDD')
        from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'api_usage'::regclass and relname ~ '^api_usage_p\\d{8}$'
        order by 1
      $$`);
    await runner.query(`
      do $$ declare definer text;
      begin
        foreach definer in array array['usage_make_partition(date)', 'usage_drop_partition(date)'] loop
          execute format('alter function %s set search_path = %I, pg_temp', definer, current_schema());
          execute format('revoke execute on function %s from public', definer);
        end loop;
      end $$`);
    await runner.query(`
      select usage_make_partition(day::date) from (
        select (occurred_at at time zone 'UTC')::date from api_usage_of_old
        union select (now() at time zone 'UTC')::date + ahead from generate_series(0, 7) ahead
      ) days (day)`);
    await runner.query(
      'insert into usage_routes (method, route) select distinct method, route from api_usage_of_old order by 1, 2',
    );
    await runner.query(`
      insert into api_usage (occurred_at, duration_us, route_id, status_code, api_key_id, user_id, organization_id, address,
        user_agent, request_id, problem_code, refusal)
      select occurred_at, duration_us, r.id, status_code, api_key_id, user_id, organization_id, address,
        user_agent, request_id, problem_code, refusal
      from api_usage_of_old o join usage_routes r on r.method = o.method and r.route is not distinct from o.route
      order by occurred_at`);
    await runner.query('drop table api_usage_of_old');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_usage rename to api_usage_by_day');
    await runner.query('alter index api_usage_occurred_at_idx rename to api_usage_by_day_occurred_at_idx');
    await runner.query('alter index api_usage_keyless_user_idx rename to api_usage_by_day_keyless_user_idx');
    await runner.query(`
      create table api_usage (
        occurred_at timestamptz not null,
        duration_us integer not null,
        status_code smallint not null,
        method text not null,
        route text,
        api_key_id uuid,
        user_id uuid,
        organization_id uuid,
        address inet,
        user_agent text,
        request_id text not null,
        problem_code text,
        refusal text
      )`);
    await runner.query(`
      insert into api_usage (occurred_at, duration_us, status_code, method, route, api_key_id, user_id, organization_id,
        address, user_agent, request_id, problem_code, refusal)
      select occurred_at, duration_us, status_code, method, route, api_key_id, user_id, organization_id,
        address, user_agent, request_id, problem_code, refusal
      from api_usage_by_day join usage_routes on usage_routes.id = route_id order by occurred_at`);
    await runner.query('drop table api_usage_by_day, usage_routes');
    for (const made of ['make_partition(date)', 'drop_partition(date)', 'partitions()', 'route_id(text, text)']) {
      await runner.query(`drop function usage_${made}`);
    }
    await runner.query(
      'create index api_usage_occurred_at_idx on api_usage using brin (occurred_at) with (pages_per_range = 32, autosummarize = on)',
    );
    await runner.query(
      'create index api_usage_api_key_id_idx on api_usage (api_key_id, occurred_at) where api_key_id is not null',
    );
    await runner.query(`
      create index api_usage_keyless_user_idx on api_usage (user_id, occurred_at)
      where api_key_id is null and user_id is not null`);
  }
}
