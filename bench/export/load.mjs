// Rows to export, made in the database. Sums of usage and hashes of the audit log are left out: an export reads neither.
import { onServer } from '../database.mjs';

const DAYS = 80;

/** `records` calls of the keys that there are, over the last 80 days. */
export async function loadUsage(url, records) {
  const perDay = Math.max(1, Math.round(records / DAYS));
  await onServer(url, async (client) => {
    await client.query('set synchronous_commit = off');
    await client.query(
      `select usage_route_id((array['GET', 'POST'])[1 + n % 2], '/api/v1/things/' || n) from generate_series(1, 50) n`,
    );
    const { rows } = await client.query(
      `select day::text, usage_make_partition(day) from (
         select (now() at time zone 'UTC')::date - n as day from generate_series(1, ${DAYS}) n) days order by day`,
    );
    for (const { day } of rows) await client.query(callsOf(day), [`${day}T00:00:00Z`, perDay]);
    await client.query('vacuum analyze api_usage');
  });
}

/** `events` at the end of the audit log, with chance in the place of hashes. */
export async function loadAudit(url, events) {
  await onServer(url, async (client) => {
    await client.query('set synchronous_commit = off');
    await client.query(audit, [events]);
    await client.query(
      'update audit_chain set (position, hash) = (select position, hash from audit_events order by position desc limit 1)',
    );
    await client.query('vacuum analyze audit_events');
  });
}

const callsOf = (day) => `
  insert into api_usage_p${day.replaceAll('-', '')} (occurred_at, duration_us, response_bytes, route_id, status_code,
    api_key_id, user_id, organization_id, address, user_agent, request_id)
  select $1::timestamptz + n * (interval '1 day' / ($2::int + 1)), (400 * exp(random() * 6))::int, (random() * 2000)::int,
    routes.ids[1 + n % cardinality(routes.ids)], case when n % 20 = 0 then 404 else 200 end,
    k.id, k.owner_id, k.organization_id, '198.51.100.0'::inet + n % 200, 'example-client/' || n % 20 || ' (linux; x64)',
    gen_random_uuid()::text
  from generate_series(1, $2::int) n
  cross join (select array_agg(id) as ids from usage_routes) routes
  cross join (select * from api_keys limit 1) k`;

const audit = `
  insert into audit_events (id, occurred_at, actor_kind, actor_user_id, actor_key_id, organization_id, action, target_type,
    target_id, before, after, address, user_agent, request_id, position, hash, mac, mac_key)
  select gen_random_uuid(), clock_timestamp(), 'api_key', k.owner_id, k.id, k.organization_id, 'api_key.updated', 'api_key',
    gen_random_uuid()::text, jsonb_build_object('name', 'before ' || n, 'tags', array['a', 'b']),
    jsonb_build_object('name', 'after ' || n, 'tags', array['a', 'b', 'c']),
    '198.51.100.7', 'example-client/1.0 (linux; x64)', gen_random_uuid()::text,
    chain.position + n, sha256(n::text::bytea), sha256(n::text::bytea), 'bench'
  from generate_series(1, $1::int) n
  cross join audit_chain chain
  cross join (select * from api_keys limit 1) k`;
