import type { UsageGrain, UsagePart } from './usage-parts.js';
import type { UsageFilter, UsageGrouping, UsageGroupValue } from './usage-question.js';
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

/** A dimension whose values are told apart. */
export interface UsageGroups {
  readonly by: UsageGrouping;
  /** Only these values of `by`. */
  readonly among?: readonly UsageGroupValue[];
}

/** What is read of the calls of a question. */
export interface Facts {
  readonly view: UsageView;
  readonly parts: readonly UsagePart[];
  readonly filter: UsageFilter;
  readonly groups: UsageGroups | undefined;
  /** Where steps begin and the last one ends; undefined: all of it is step 0. */
  readonly boundaries?: readonly Date[];
  /** How long calls took costs more than all else; left out where nobody asks. */
  readonly withLatency: boolean;
}

/** The column `value` of facts grouped by `by`, as text; null for nobody and nothing. */
export function shownValue(by: UsageGrouping | undefined): string {
  const none = by === undefined ? null : columns[by].none;
  return none === null ? 'value::text' : `nullif(value, '${none}')::text`;
}

/**
 * The facts as rows of step, value, method and what is added up: sums where whole minutes, hours, days or weeks are meant,
 * groups that are not in the sums yet, and calls for the rest.
 */
export function factsOf(facts: Facts, parameters: Parameters): string {
  const { parts, groups, boundaries, withLatency } = facts;
  if (parts.length === 0) return nothing; // nothing is kept of that time
  const value = groups === undefined ? 'null::text' : columns[groups.by].of;
  const method = groups?.by === 'endpoint' ? 'r.method' : 'null::text';
  const routes = value.startsWith('r.') ? 'join usage_routes r on r.id = f.route_id' : '';
  const where = conditions(facts, value, method, parameters);
  const steps = boundaries === undefined ? undefined : `${parameters.add([...boundaries])}::timestamptz[]`;
  const group = (at: string): string =>
    `${steps === undefined ? '0' : `width_bucket(${at}, ${steps}) - 1`} as step, ${value} as value, ${method} as method`;
  const sums = (of: string): string =>
    ['calls', 'client_errors', 'server_errors', 'bytes', 'duration_us'].map((measure) => `${of}.${measure}`).join(', ');
  const latency = (of: string): string => `${withLatency ? of : '0::numeric'} as latency`;
  const points = pointsOf(facts, parameters).map(
    (kept) => `
    select ${group('p.bucket_at')}, ${sums('p')}, ${latency('p.latency')}
    from usage_series f ${routes} ${kept} where f.view = '${facts.view}' ${where}`,
  );
  const pending = tableOf(parts, summedBy, 'f.minute', parameters).map(
    ({ table, condition }) => `
    select ${group('f.minute')}, ${sums('f')}, ${latency('f.latency')}
    from usage_pending f ${routes} ${table} where ${condition} ${where}`,
  );
  // calls of one bin are added up before its histogram is made, which is a long number
  const bin = withLatency ? 'width_bucket(f.duration_us, usage_latency_bounds())' : '0';
  const calls = eachOf(parts, ['call'], 'f.occurred_at', parameters).map(
    ({ table, condition }) => `
    select step, value, method, ${sums('c')}, ${latency('c.calls * usage_latency(c.shortest_us)')} from (
      select ${group('f.occurred_at')}, ${bin} as bin, min(f.duration_us) as shortest_us, count(*) as calls,
        sum(f.client_errors) as client_errors, sum(f.server_errors) as server_errors, sum(f.response_bytes) as bytes,
        sum(f.duration_us::bigint) as duration_us
      from usage_calls f ${routes} ${table} where ${condition} ${where} group by 1, 2, 3, 4
    ) c`,
  );
  return [...points, ...pending, ...calls].join(' union all ');
}

/** Facts of which only the values of a grouping are asked. */
export interface Occurrences extends Facts {
  readonly groups: UsageGroups;
  /** Where the first part begins, when sums by week are kept from its week on. */
  readonly weeksSince: Date | undefined;
}

/** The values of the grouping among the facts, as rows of `value`. */
export function valuesOf(asked: Occurrences, parameters: Parameters): string {
  if (asked.parts.length === 0) return 'select null::text as value where false';
  const { of } = columns[asked.groups.by];
  const routes = of.startsWith('r.') ? 'join usage_routes r on r.id = f.route_id' : '';
  const where = conditions(asked, of, 'r.method', parameters);
  const select = (from: string, { table, condition }: Selection): string =>
    `select ${of} as value from ${from} f ${routes} ${table} where ${condition} ${where}`;
  const selects = [
    ...withPoints(asked, parameters).map((selection) => select('usage_series', selection)),
    ...tableOf(asked.parts, summedBy, 'f.minute', parameters).map((selection) => select('usage_pending', selection)),
    ...eachOf(asked.parts, ['call'], 'f.occurred_at', parameters).map((selection) => select('usage_calls', selection)),
  ];
  return selects.join(' union ');
}

/**
 * The series that have a point, if any part is one of points: each series is asked by itself, which reads one point of it,
 * where the parts may have many. Of those that were not used lately, which may be most, not even that: the weeks tell.
 */
function withPoints({ view, parts, weeksSince }: Occurrences, parameters: Parameters): Selection[] {
  const point = ({ table, condition }: Selection, grain: UsageGrain): string =>
    `select p.series_id from usage_points p ${table} where p.view = '${view}' and p.grain = '${grain}' and ${condition}`;
  // "offset 0": or the planner may prefer to read them all
  const has = summedBy
    .toReversed()
    .flatMap((grain) => eachOf(parts, [grain], 'p.bucket_at', parameters).map((selection) => point(selection, grain)))
    .map((points) => `exists (${points} and p.series_id = f.id offset 0)`);
  if (has.length === 0) return [];
  if (weeksSince === undefined) return [{ table: '', condition: `(${has.join(' or ')})` }];
  const sinceWeek = `p.bucket_at > ${parameters.add(weeksSince)}::timestamptz - interval '7 days'`;
  const used = point({ table: '', condition: sinceWeek }, 'week');
  return [{ table: '', condition: `f.id in (${used}) and (${has.join(' or ')})` }];
}

/**
 * The points of all parts, or nothing, joined to their series once. Of whom there are few series among many their points are
 * found one series at a time, by the primary key; of all others, by the time.
 */
function pointsOf({ view, parts, filter, groups }: Facts, parameters: Parameters): string[] {
  const isOfFew = groups?.among !== undefined && (groups.by === 'key' || groups.by === 'user');
  const isNarrow = isOfFew || filter.organizationId !== null || filter.userId !== null || filter.keyId !== null;
  const ofSeries = isNarrow ? 'and p.series_id = f.id' : '';
  const selects = summedBy.flatMap((grain) =>
    eachOf(parts, [grain], 'p.bucket_at', parameters).map(
      ({ table, condition }) =>
        `select p.* from usage_points p ${table} where p.view = '${view}' and p.grain = '${grain}' and ${condition} ${ofSeries}`,
    ),
  );
  if (selects.length === 0) return [];
  const union = selects.join(' union all ');
  return [isNarrow ? `cross join lateral (${union}) p` : `join (${union}) p on p.series_id = f.id`];
}

const summedBy: readonly UsageGrain[] = ['minute', 'hour', 'day', 'week'];
const nothing = `
  select 0 as step, null::text as value, null::text as method, 0 as calls, 0 as client_errors, 0 as server_errors, 0 as bytes,
    0 as duration_us, 0::numeric as latency where false`;

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

function conditions({ filter, groups }: Facts, value: string, method: string, parameters: Parameters): string {
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
  if (groups?.among !== undefined) found.push(belongs(groups.by, groups.among, value, method, parameters));
  return found.map((condition) => `and ${condition}`).join(' ');
}

/** Nothing equals null in SQL, so it is compared as an empty text, which no route is. */
function belongs(
  by: UsageGrouping,
  among: readonly UsageGroupValue[],
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
