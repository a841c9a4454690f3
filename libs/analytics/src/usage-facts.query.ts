import type { UsageGrain, UsagePart } from './usage-parts.js';
import type { UsageFilter, UsageGrouping } from './usage-question.js';
import type { UsageView } from './usage-view.js';

/** From so many parts on they are a table rather than conditions: planning each would take longer than reading it. */
const MANY_PARTS = 8;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Values that a statement refers to by number. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** What a grouping reads of a call (`f`) or its route (`r`). */
interface Column {
  readonly of: string;
  readonly type: 'uuid' | 'int' | 'text';
  /** What stands for nobody and nothing, where that is not null. */
  readonly none: string | null;
}

const columns: Readonly<Record<UsageGrouping, Column>> = {
  organization: { of: 'f.organization_id', type: 'uuid', none: NOBODY },
  user: { of: 'f.user_id', type: 'uuid', none: NOBODY },
  key: { of: 'f.api_key_id', type: 'uuid', none: NOBODY },
  route: { of: 'r.route', type: 'text', none: null },
  endpoint: { of: 'r.route', type: 'text', none: null },
  method: { of: 'r.method', type: 'text', none: null },
  status: { of: 'f.status_code', type: 'int', none: null },
  environment: { of: 'f.environment', type: 'text', none: '' },
};

/** What is read of the calls of a question. */
export interface Facts {
  readonly view: UsageView;
  readonly parts: readonly UsagePart[];
  readonly filter: UsageFilter;
  readonly by: UsageGrouping | undefined;
  /** Only these values of `by`, as `value` and `method` of a group. */
  readonly among?: readonly { readonly value: string | null; readonly method: string | null }[];
  /** How long calls took costs more than all else; left out where nobody asks. */
  readonly withLatency: boolean;
  /** Only whether there were calls is asked: one point of every series is enough. */
  readonly onlyWhether?: boolean;
}

/** The column `value` of facts grouped by `by`, as text; null for nobody and nothing. */
export function shownValue(by: UsageGrouping | undefined): string {
  const none = by === undefined ? null : columns[by].none;
  return none === null ? 'value::text' : `nullif(value, '${none}')::text`;
}

/**
 * The facts as rows of at, value, method, status_code, calls, bytes, duration_us, latency: sums where whole minutes, hours or
 * days are meant, groups that are not in the sums yet, and calls for the rest.
 */
export function factsOf(facts: Facts, parameters: Parameters): string {
  const { parts, by } = facts;
  const value = by === undefined ? 'null::text' : columns[by].of;
  const method = by === 'endpoint' ? 'r.method' : 'null::text';
  const routes = value.startsWith('r.') ? 'join usage_routes r on r.id = f.route_id' : '';
  const where = conditions(facts, value, method, parameters);
  const row = (at: string, calls: string, bytes: string, latency: string, sums = 'f'): string =>
    `${at} as at, ${value} as value, ${method} as method, f.status_code, ${calls} as calls, ${bytes} as bytes,
     ${sums}.duration_us, ${facts.withLatency ? latency : '0::numeric'} as latency`;
  const grains: readonly UsageGrain[] = ['minute', 'hour', 'day'];
  const points = grains.flatMap((grain) =>
    eachOf(parts, [grain], 'p.bucket_at', parameters).map(
      ({ table, condition }) => `
      select ${row('p.bucket_at', 'p.calls', 'p.bytes', 'p.latency', 'p')}
      from usage_series f ${routes} cross join lateral (
        select p.* from usage_points p ${table}
        where p.series_id = f.id and p.view = '${facts.view}' and p.grain = '${grain}' and ${condition} ${facts.onlyWhether === true ? 'limit 1' : ''}
      ) p
      where f.view = '${facts.view}' ${where}`,
    ),
  );
  const groups = tableOf(parts, grains, 'f.minute', parameters).map(
    ({ table, condition }) => `
    select ${row('f.minute', 'f.calls', 'f.bytes', 'f.latency')} from usage_pending f ${routes} ${table} where ${condition} ${where}`,
  );
  const calls = eachOf(parts, ['call'], 'f.occurred_at', parameters).map(
    ({ table, condition }) => `
    select ${row('f.occurred_at', '1', 'f.response_bytes', 'usage_latency(f.duration_us)')}
    from usage_calls f ${routes} ${table} where ${condition} ${where}`,
  );
  const selects = [...points, ...groups, ...calls];
  return selects.length > 0 ? selects.join(' union all ') : nothing;
}

const nothing = `select now() as at, null::text as value, null::text as method, 0 as status_code, 0 as calls, 0 as bytes, 0 as duration_us, 0 as latency where false`;

interface Selection {
  readonly table: string;
  readonly condition: string;
}

/** One selection for every part of these grains, or a single one when there are many. */
function eachOf(
  parts: readonly UsagePart[],
  grains: readonly UsagePart['grain'][],
  at: string,
  parameters: Parameters,
): Selection[] {
  const meant = parts.filter(({ grain }) => grains.includes(grain));
  if (meant.length > MANY_PARTS) return tableOf(meant, grains, at, parameters);
  return meant.map(({ from, to }) => {
    const [since, until] = [parameters.add(new Date(from)), parameters.add(new Date(to))];
    return { table: '', condition: `${at} >= ${since}::timestamptz and ${at} < ${until}::timestamptz` };
  });
}

function tableOf(
  parts: readonly UsagePart[],
  grains: readonly UsagePart['grain'][],
  at: string,
  parameters: Parameters,
): Selection[] {
  const meant = parts.filter(({ grain }) => grains.includes(grain));
  if (meant.length === 0) return [];
  const since = parameters.add(meant.map(({ from }) => new Date(from)));
  const until = parameters.add(meant.map(({ to }) => new Date(to)));
  return [
    {
      table: `join unnest(${since}::timestamptz[], ${until}::timestamptz[]) part (since, until) on ${at} >= part.since and ${at} < part.until`,
      condition: 'true',
    },
  ];
}

function conditions({ filter, by, among }: Facts, value: string, method: string, parameters: Parameters): string {
  const { organizationId, userId, keyId, route, method: wanted, status, environment } = filter;
  const found: string[] = [];
  if (organizationId !== null) found.push(`f.organization_id = ${parameters.add(organizationId)}::uuid`);
  if (userId !== null) found.push(`f.user_id = ${parameters.add(userId)}::uuid`);
  if (keyId !== null) found.push(`f.api_key_id = ${parameters.add(keyId)}::uuid`);
  if (environment !== null) found.push(`f.environment = ${parameters.add(environment)}::text`);
  if (status !== null)
    found.push(
      `f.status_code between ${parameters.add(status.lowest)}::int and ${parameters.add(status.highest)}::int`,
    );
  if (route !== null || wanted !== null) {
    const ofRoute = route === null ? 'true' : `route = ${parameters.add(route)}::text`;
    const ofMethod = wanted === null ? 'true' : `method = ${parameters.add(wanted)}::text`;
    found.push(`f.route_id = any (array(select id from usage_routes where ${ofRoute} and ${ofMethod}))`);
  }
  if (by !== undefined && among !== undefined) found.push(belongs(by, among, value, method, parameters));
  return found.map((condition) => `and ${condition}`).join(' ');
}

/** Nothing equals null in SQL, so it is compared as an empty text, which no route is. */
function belongs(
  by: UsageGrouping,
  among: NonNullable<Facts['among']>,
  value: string,
  method: string,
  parameters: Parameters,
): string {
  const { type, none } = columns[by];
  const values = parameters.add(among.map((group) => group.value ?? none ?? ''));
  const compared = type === 'text' ? `coalesce(${value}, '')` : value;
  if (by !== 'endpoint') return `${compared} = any (${values}::${type}[])`;
  const methods = parameters.add(among.map((group) => group.method));
  return `(${compared}, ${method}) in (select * from unnest(${values}::text[], ${methods}::text[]))`;
}
