// Records of 90 days, made in the database: 1,000 keys of 100 users in 10 organizations, of which few are used much, about
// five routes a key of 50, three statuses. One day is made and summed up; all others are copies of it, sums included, which
// is how a hundred million take minutes. The last day ends now; its last hour goes the way of calls that are answered, through
// usage_deltas and usage_fold. `usage_differences()` proves the sums where there are few enough for it.
import pg from 'pg';

const DAYS = 90;
const MINUTE_DAYS = 3;
const KEY_ROUTE_HOUR_DAYS = 14;
const WORKERS = 2;
/** Comparing every record with every sum takes too long beyond. */
const MOST_PROVED = 200_000;
const dimensions = 'organization_id, environment, user_id, api_key_id, route_id, status_code';
const measures = 'calls, client_errors, server_errors, bytes, duration_us, latency';
const summed = measures.replaceAll(/[a-z_]+/g, 'sum(d.$&)');
const NOBODY = `'00000000-0000-0000-0000-000000000000'::uuid`;
const viewed = `
  case when v.by_organization then f.organization_id else ${NOBODY} end, f.environment,
  case when v.by_key then f.user_id else ${NOBODY} end, case when v.by_key then f.api_key_id else ${NOBODY} end,
  case when v.by_route then f.route_id else 0 end, case when v.by_status then f.status_code else 0 end`;

/** Loads about `records`; resolves to what they take and when they are. */
export async function loadUsage(url, records, say) {
  const clients = await Promise.all(Array.from({ length: WORKERS + 1 }, () => connect(url)));
  const [main, ...workers] = clients;
  await people(main);
  const [model, ...copies] = await partitions(main);
  const startedAt = performance.now();
  const now = new Date();
  await makeDay(main, model, Math.max(1, Math.round(records / DAYS / 24)));
  say(`  one day made and summed up in ${seconds(startedAt)} s`);
  await copySums(main, model, model, now);
  const copyingAt = performance.now();
  let done = 0;
  const left = [...copies];
  const copySumsInOrder = async () => {
    for (const day of copies) await copySums(main, model, day, now); // as they come to be: an index of time relies on it
  };
  await Promise.all([
    copySumsInOrder(),
    ...workers.map(async (client) => {
      for (let day = left.shift(); day !== undefined; day = left.shift()) {
        await client.query(copyOf(model, day), [now]);
        done += 1;
        if (done % 15 === 0) say(`  ${done} of ${copies.length} more days, ${seconds(startedAt)} s`);
      }
    }),
  ]);
  const rate = (records * copies.length) / DAYS / ((performance.now() - copyingAt) / 1000);
  await main.query(daySums, [dayOf(now)]);
  await main.query(weeks);
  await main.query(
    'alter table usage_points add constraint usage_points_pkey primary key (view, grain, series_id, bucket_at)',
  );
  await sumUpLastHour(main, now);
  await forgetOldSums(main);
  await main.query('vacuum analyze');
  say(`  loaded and indexed in ${seconds(startedAt)} s`);
  const figures = await sizes(main);
  if (figures.records <= MOST_PROVED) await prove(main, say);
  await Promise.all(clients.map((client) => client.end()));
  return { ...figures, rate };
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
  await client.query('create unlogged table bench_points (like usage_points)');
}

async function partitions(client) {
  const { rows } = await client.query(
    `select day::text, usage_make_partition(day)
     from (select (now() at time zone 'UTC')::date - n as day from generate_series(0, ${DAYS - 1}) n) d order by 1`,
  );
  return rows.map(({ day }) => day);
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

/** The day that all others are like: its calls, and in bench_points its sums. */
async function makeDay(client, day, perHour) {
  const begins = `${day}T00:00:00Z`;
  for (let hour = 0; hour < 24; hour += 1) {
    const [since, until] = [hour, hour + 1].map((at) => new Date(Date.parse(begins) + at * 3_600_000).toISOString());
    await client.query(callsOf(partitionOf(day), perHour), [since, perHour]);
    for (const grain of ['minute', 'hour']) await client.query(sumsOf(grain), [since, until]);
  }
  await client.query(
    `
    insert into bench_points (view, grain, series_id, bucket_at, ${measures})
    select view, 'day', series_id, $1::timestamptz, ${summed} from bench_points d where grain = 'hour' group by view, series_id`,
    [begins],
  );
}

const sumsOf = (grain) => `
  with f as materialized (
    select date_trunc('${grain}', occurred_at, 'UTC') as at, ${dimensions}, count(*) as calls, sum(client_errors) as client_errors,
      sum(server_errors) as server_errors, sum(response_bytes) as bytes, sum(duration_us::bigint) as duration_us,
      sum(usage_latency(duration_us)) as latency
    from usage_calls where occurred_at >= $1::timestamptz and occurred_at < $2::timestamptz
    group by 1, ${dimensions}
  ), d as materialized (
    select v.view, f.at, f.calls, f.client_errors, f.server_errors, f.bytes, f.duration_us, f.latency, d.*
    from f cross join usage_views v join usage_shelves g on g.view = v.view and g.grain = '${grain}'
    cross join lateral (select ${viewed}) d (${dimensions})
  )
  insert into bench_points (view, grain, series_id, bucket_at, ${measures})
  select s.view, '${grain}'::usage_grain, s.id, d.at, ${summed}
  from d join usage_series s using (view, ${dimensions})
  group by s.view, s.id, d.at`;

const copyOf = (model, day) => `
  insert into ${partitionOf(day)} (occurred_at, duration_us, response_bytes, route_id, status_code, api_key_id, user_id,
    organization_id, address, user_agent, request_id)
  select occurred_at + (date '${day}' - date '${model}') * interval '1 day', duration_us, response_bytes, route_id, status_code,
    api_key_id, user_id, organization_id, address, user_agent, request_id
  from ${partitionOf(model)} where occurred_at + (date '${day}' - date '${model}') * interval '1 day' < $1::timestamptz`;

/** The sums of the model for `day` up to the hour of `now`, without those that would have been let go of by then. */
async function copySums(client, model, day, now) {
  const age = (now.getTime() - Date.parse(day)) / 86_400_000;
  await client.query(
    `insert into usage_points (view, grain, series_id, bucket_at, ${measures})
     select view, grain, series_id, bucket_at + ($2::date - $1::date) * interval '1 day', ${measures} from bench_points
     where (grain <> 'minute' or $3::float8 <= ${MINUTE_DAYS + 1})
       and (grain <> 'hour' or view <> 'key_route' or $3::float8 <= ${KEY_ROUTE_HOUR_DAYS + 1})
       and (grain <> 'day' or $2::date < $5::date)
       and bucket_at + ($2::date - $1::date) * interval '1 day' < $4::timestamptz`,
    [model, day, age, hourOf(now), dayOf(now)],
  );
}

/** Of the last day, which is not over. */
const daySums = `
  insert into usage_points (view, grain, series_id, bucket_at, ${measures})
  select view, 'day', series_id, usage_bucket('day', bucket_at), ${summed}
  from usage_points d where grain = 'hour' and bucket_at >= $1::date::timestamp at time zone 'UTC' group by 1, 3, 4`;

/** As the server does it for calls that are answered. */
async function sumUpLastHour(client, now) {
  await client.query(
    `insert into usage_deltas (minute, bytes, duration_us, calls, route_id, status_code, api_key_id, user_id, organization_id, latency)
     select date_trunc('minute', occurred_at), sum(response_bytes), sum(duration_us), count(*), route_id, status_code, api_key_id,
       user_id, organization_id, sum(usage_latency(duration_us))
     from api_usage where occurred_at >= $1 group by 1, 5, 6, 7, 8, 9`,
    [hourOf(now)],
  );
  for (let folded = 1; folded > 0;) {
    const { rows } = await client.query('select usage_fold(5000) as folded');
    folded = rows[0].folded;
  }
}

function hourOf(now) {
  return new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000);
}

/** In UTC, such as 2026-01-31. */
function dayOf(now) {
  return now.toISOString().slice(0, 10);
}

const weeks = `
  insert into usage_points (view, grain, series_id, bucket_at, ${measures})
  select view, 'week', series_id, usage_bucket('week', bucket_at), ${summed}
  from usage_points d where grain = 'day' group by 1, 3, 4`;

async function forgetOldSums(client) {
  const keptFor = (days, which) =>
    client.query(
      `update usage_shelves set kept_since = date_trunc('day', now(), 'UTC') - make_interval(days => $1) where ${which}`,
      [days],
    );
  await keptFor(MINUTE_DAYS, `grain = 'minute'`);
  await keptFor(KEY_ROUTE_HOUR_DAYS, `grain = 'hour' and view = 'key_route'`);
}

async function prove(client, say) {
  const { rows } = await client.query('select count(*)::int as differences from usage_differences()');
  if (rows[0].differences > 0) throw new Error(`${rows[0].differences} sums are not those of the calls.`);
  say('  every sum is that of its calls');
}

function partitionOf(day) {
  return `api_usage_p${day.replaceAll('-', '')}`;
}

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
