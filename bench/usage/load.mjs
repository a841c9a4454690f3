// Records of 90 days, made in the database: 1,000 keys of 100 users in 10 organizations, of which few are used much, about
// five routes a key of 50, three statuses. Sums are made by one GROUP BY an hour instead of by folding, which is for what
// arrives; `usage_differences()` proves them alike at small sizes.
import pg from 'pg';

const DAYS = 90;
const MINUTE_DAYS = 3;
const KEY_ROUTE_HOUR_DAYS = 14;
const WORKERS = 2;
const dimensions = 'organization_id, environment, user_id, api_key_id, route_id, status_code';
const NOBODY = `'00000000-0000-0000-0000-000000000000'::uuid`;
const viewed = `
  case when v.by_organization then f.organization_id else ${NOBODY} end, f.environment,
  case when v.by_key then f.user_id else ${NOBODY} end, case when v.by_key then f.api_key_id else ${NOBODY} end,
  case when v.by_route then f.route_id else 0 end, f.status_code`;

/** Loads about `records`; resolves to what they take and when they are. */
export async function loadUsage(url, records, say) {
  const clients = await Promise.all(Array.from({ length: WORKERS + 1 }, () => connect(url)));
  const [main, ...workers] = clients;
  const startedAt = performance.now();
  await people(main);
  const days = await partitions(main);
  const perHour = Math.max(1, Math.round(records / DAYS / 24));
  let done = 0;
  const left = [...days];
  await Promise.all(
    workers.map(async (client) => {
      for (let day = left.shift(); day !== undefined; day = left.shift()) {
        await loadDay(client, day, perHour);
        done += 1;
        if (done % 15 === 0) say(`  ${done} of ${DAYS} days, ${seconds(startedAt)} s`);
      }
    }),
  );
  const loadedAt = performance.now();
  await main.query(
    'alter table usage_points add constraint usage_points_pkey primary key (view, grain, series_id, bucket_at)',
  );
  await main.query('update usage_shelves set kept_since = now() - $1::interval where grain = $2', [
    `${MINUTE_DAYS} days`,
    'minute',
  ]);
  await main.query(
    `update usage_shelves set kept_since = date_trunc('day', now() - $1::interval, 'UTC') where grain = 'hour' and view = 'key_route'`,
    [`${KEY_ROUTE_HOUR_DAYS} days`],
  );
  await main.query('vacuum analyze');
  const figures = await sizes(main);
  const taken = (loadedAt - startedAt) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  say(`  loaded in ${taken.toFixed(0)} s, indexes and vacuum ${seconds(loadedAt)} s`);
  return { ...figures, rate: figures.records / taken, loadSeconds: taken };
}

async function connect(url) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the database goes with the run, whatever became of it
  await client.connect();
  await client.query(
    `set synchronous_commit = off; set work_mem = '128MB'; set maintenance_work_mem = '512MB'; set jit = off`,
  );
  return client;
}

/** Who calls, what they call, and every series that there will be. */
async function people(client) {
  await client.query(`
    insert into organizations (id, slug, name)
    select gen_random_uuid(), 'bench-' || n, 'Bench' from generate_series(1, 10) n`);
  await client.query(`
    insert into users (id, organization_id, email)
    select gen_random_uuid(), o.id, 'bench' || n || '@example.com' from generate_series(0, 99) n
    join (select id, row_number() over () - 1 as place from organizations where slug like 'bench-%') o on o.place = n % 10`);
  await client.query(`
    insert into api_keys (id, organization_id, owner_id, name, environment, start, secret_hash, pepper_version, grants)
    select gen_random_uuid(), u.organization_id, u.id, 'bench', (array['live', 'live', 'staging'])[1 + n % 3], 'kw', '', '', '{}'
    from generate_series(0, 999) n
    join (select id, organization_id, row_number() over (order by id) - 1 as place from users where email like 'bench%') u on u.place = n % 100`);
  await client.query(
    `select usage_route_id((array['GET', 'POST'])[1 + n % 2], '/api/v1/things/' || n / 2) from generate_series(0, 49) n`,
  );
  await client.query(`
    create unlogged table bench_callers as
    select k.id, k.organization_id, k.owner_id, k.environment, row_number() over (order by k.id) - 1 as place from api_keys k where k.name = 'bench'`);
  await client.query('create unique index on bench_callers (place)');
  await client.query(
    'create unlogged table bench_routes as select id, row_number() over (order by id) - 1 as place from usage_routes',
  );
  await client.query(`
    insert into usage_series (view, ${dimensions})
    select distinct v.view, ${viewed}
    from (
      select c.organization_id, c.environment, c.owner_id as user_id, c.id as api_key_id, r.id as route_id, s.status_code
      from bench_callers c cross join generate_series(0, 4) n join bench_routes r on r.place = (c.place * 7 + n * 11) % 50
      cross join (values (200), (404), (429)) s (status_code)
    ) f cross join usage_views v`);
  await client.query('analyze usage_series, bench_callers, bench_routes, api_keys, usage_routes');
  await client.query('alter table usage_points drop constraint usage_points_pkey');
}

async function partitions(client) {
  const { rows } = await client.query(
    `select day::text, usage_make_partition(day)
     from (select (now() at time zone 'UTC')::date - n as day from generate_series(0, ${DAYS - 1}) n) d order by 1`,
  );
  return rows.map(({ day }) => day);
}

async function loadDay(client, day, perHour) {
  const partition = `api_usage_p${day.replaceAll('-', '')}`;
  const age = (Date.now() - Date.parse(day)) / 86_400_000;
  for (let hour = 0; hour < 24; hour += 1) {
    const [since, until] = [hour, hour + 1].map((at) => new Date(Date.parse(day) + at * 3_600_000).toISOString());
    await client.query(callsOf(partition, perHour), [since, perHour]);
    await client.query(sumsOf('hour', age > KEY_ROUTE_HOUR_DAYS + 1 ? `v.view <> 'key_route'` : 'true'), [
      since,
      until,
    ]);
    if (age <= MINUTE_DAYS + 1) await client.query(sumsOf('minute', `v.view <> 'key_route'`), [since, until]);
  }
  await client.query(daysOf, [`${day}T00:00:00Z`, new Date(Date.parse(day) + 86_400_000).toISOString()]);
}

const callsOf = (partition) => `
  insert into ${partition} (occurred_at, duration_us, response_bytes, route_id, status_code, api_key_id, user_id,
    organization_id, address, user_agent, request_id)
  select $1::timestamptz + n * (interval '1 hour' / ($2::int + 1)), (400 * exp(random() * random() * 6))::int, 80 + (random() * 2000)::int,
    r.id, case when c.dice < 0.94 then 200 when c.dice < 0.98 then 404 else 429 end, k.id, k.owner_id, k.organization_id,
    '198.51.100.0'::inet + c.caller % 200, 'example-client/' || c.caller % 20 || ' (linux; x64)',
    '0193e5a0-7b1c-7cc3-98c4-' || lpad(to_hex(n + c.caller * 1000000::bigint), 12, '0')
  from (select n, floor(1000 * random() * random())::int as caller, floor(5 * random() * random())::int as turn, random() as dice
    from generate_series(1, $2::int) n) c
  join bench_callers k on k.place = c.caller join bench_routes r on r.place = (c.caller * 7 + c.turn * 11) % 50`;

const sumsOf = (grain, views) => `
  with f as materialized (
    select date_trunc('${grain}', occurred_at, 'UTC') as at, ${dimensions}, count(*) as calls, sum(response_bytes) as bytes,
      sum(duration_us::bigint) as duration_us, sum(usage_latency(duration_us)) as latency
    from usage_calls where occurred_at >= $1::timestamptz and occurred_at < $2::timestamptz
    group by 1, ${dimensions}
  ), d as materialized (
    select v.view, f.at, f.calls, f.bytes, f.duration_us, f.latency, d.*
    from f cross join usage_views v cross join lateral (select ${viewed}) d (${dimensions}) where ${views}
  )
  insert into usage_points (view, grain, series_id, bucket_at, calls, bytes, duration_us, latency)
  select s.view, '${grain}'::usage_grain, s.id, d.at, sum(d.calls), sum(d.bytes), sum(d.duration_us), sum(d.latency)
  from d join usage_series s using (view, ${dimensions})
  group by s.view, s.id, d.at`;

/** Days from hours, but for the view that keeps no hours of long ago. */
const daysOf = `
  insert into usage_points (view, grain, series_id, bucket_at, calls, bytes, duration_us, latency)
  select view, 'day'::usage_grain, series_id, $1::timestamptz, sum(calls), sum(bytes), sum(duration_us), sum(latency)
  from usage_points where grain = 'hour' and view <> 'key_route' and bucket_at >= $1::timestamptz and bucket_at < $2::timestamptz
  group by view, series_id
  union all
  select 'key_route', 'day'::usage_grain, s.id, $1::timestamptz, count(*), sum(response_bytes), sum(duration_us::bigint), sum(usage_latency(duration_us))
  from usage_calls c join usage_series s on s.view = 'key_route' and s.api_key_id = c.api_key_id and s.organization_id = c.organization_id
    and s.route_id = c.route_id and s.status_code = c.status_code and s.environment = c.environment and s.user_id = c.user_id
  where c.occurred_at >= $1::timestamptz and c.occurred_at < $2::timestamptz group by s.id`;

async function sizes(client) {
  const { rows } = await client.query(`
    select (select sum(pg_total_relation_size(relid)) from pg_partition_tree('api_usage') where isleaf)::float8 as bytes,
      (select sum(pg_total_relation_size(relid)) from pg_partition_tree('usage_points') where isleaf)::float8 as sum_bytes,
      (select sum(reltuples) from pg_class where oid in (select relid from pg_partition_tree('usage_points') where isleaf))::float8 as points,
      (select sum(reltuples) from pg_class where oid in (select relid from pg_partition_tree('api_usage') where isleaf) and reltuples > 0)::float8 as records,
      (select id from bench_callers where place = 0) as key, (select organization_id from bench_callers where place = 0) as organization,
      (select owner_id from bench_callers where place = 0) as "user"`);
  const [{ bytes, sum_bytes: sumBytes, points, records, key, organization, user }] = rows;
  return {
    records,
    bytesPerRecord: bytes / records,
    sumBytesPerRecord: sumBytes / records,
    points,
    sample: { key, organization, user },
  };
}

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(0);
}
