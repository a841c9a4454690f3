import fc from 'fast-check';
import { UsageAggregates } from '../../libs/analytics/src/usage-aggregates.read-model.js';
import {
  everyCall,
  type GroupTotals,
  type UsageFilter,
  type UsageGrouping,
  type UsageTotals,
} from '../../libs/analytics/src/usage-question.js';
import { LatencyHistogram } from '#libs/analytics';
import { Database } from '#libs/database';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Call {
  at: number;
  us: number;
  bytes: number;
  status_code: number;
  method: string;
  route: string | null;
  key: string | null;
  user: string | null;
  organization: string | null;
  environment: string | null;
}

const groupings = ['organization', 'user', 'key', 'route', 'method', 'status', 'environment', 'endpoint'] as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** In which there are two whole weeks at least. */
const DAYS = 21;

describe('a question about usage', () => {
  let app: TestApp;
  let usage: UsageAggregates;
  let calls: Call[];
  let from: number;
  beforeAll(async () => {
    app = await startTestApp();
    usage = new UsageAggregates(app.app.get(Database));
    const keys: string[] = [];
    for (const environment of ['live', 'staging', 'dev']) {
      const { key, id } = await app.user();
      keys.push((await app.post('/api-keys', { name: 'k', environment }, { key })).body.id);
      keys.push((await app.post(`/admin/users/${id}/api-keys`, { name: 'k', environment })).body.id);
    }
    await app.sql('truncate usage_deltas, usage_points, api_usage');
    await app.sql('select setseed(0.5)');
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, response_bytes, route_id, status_code, api_key_id, user_id, organization_id, request_id)
       select date_trunc('day', now(), 'UTC') - interval '${DAYS - 1} days' + random() * interval '${DAYS} days', (exp(random() * 12))::int, (random() * 1000)::int,
         case when dice < 0.05 then usage_route_id('GET', null) when dice < 0.5 then usage_route_id('GET', '/a') when dice < 0.8 then usage_route_id('POST', '/a') else usage_route_id('GET', '/b') end,
         (array[200, 200, 201, 404, 403, 500])[1 + floor(random() * 6)], k.id, k.owner_id, k.organization_id, n
       from (select n, random() as dice, ($1::uuid[])[1 + floor(random() * 7)] as key from generate_series(1, 4000) n) c
       left join api_keys k on k.id = c.key`,
      [keys],
    );
    await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
    await app.sql('select usage_fold(2500)');
    calls = await app.sql<Call>(
      `select extract(epoch from occurred_at)::float8 * 1000 as at, duration_us as us, response_bytes as bytes, status_code, method, route,
         api_key_id as key, user_id as user, c.organization_id as organization, environment
       from api_usage c join usage_routes r on r.id = route_id left join api_keys k on k.id = api_key_id`,
    );
    from = Math.floor(Date.now() / DAY) * DAY - (DAYS - 1) * DAY;
  }, 60_000);
  afterAll(() => app.close());

  const selected = (since: number, until: number, filter: UsageFilter): Call[] =>
    calls.filter(
      (call) =>
        call.at >= since &&
        call.at < until &&
        (filter.organizationId === null || call.organization === filter.organizationId) &&
        (filter.userId === null || call.user === filter.userId) &&
        (filter.keyId === null || call.key === filter.keyId) &&
        (filter.route === null || call.route === filter.route) &&
        (filter.method === null || call.method === filter.method) &&
        (filter.environment === null || call.environment === filter.environment) &&
        (filter.status === null ||
          (call.status_code >= filter.status.lowest && call.status_code <= filter.status.highest)),
    );
  const sumsOf = (of: readonly Call[]): object => {
    const latency = new LatencyHistogram();
    for (const { us } of of) latency.add(us);
    return {
      calls: of.length,
      clientErrors: of.filter(({ status_code }) => status_code >= 400 && status_code < 500).length,
      serverErrors: of.filter(({ status_code }) => status_code >= 500).length,
      bytes: of.reduce((sum, { bytes }) => sum + bytes, 0),
      durationUs: of.reduce((sum, { us }) => sum + us, 0),
      bins: latency.bins,
    };
  };
  const shown = ({ latency, ...sums }: UsageTotals): object => ({ ...sums, bins: latency.bins });
  const valueOf = (call: Call, by: UsageGrouping): { value: string | null; method: string | null } => {
    if (by === 'endpoint') return { value: call.route, method: call.method };
    return { value: by === 'status' ? String(call.status_code) : call[by], method: null };
  };
  const groupsOf = (of: readonly Call[], by: UsageGrouping): Map<string, object> => {
    const groups = new Map<string, Call[]>();
    for (const call of of) {
      const name = JSON.stringify(valueOf(call, by));
      groups.set(name, [...(groups.get(name) ?? []), call]);
    }
    return new Map([...groups].map(([name, members]) => [name, sumsOf(members)]));
  };
  const asMap = (groups: readonly GroupTotals[]): Map<string, object> =>
    new Map(groups.map(({ value, method, ...sums }) => [JSON.stringify({ value, method }), shown(sums)]));

  const anyTime = fc.oneof(
    fc.integer({ min: 0, max: DAYS * DAY }),
    fc.integer({ min: 0, max: DAYS * 24 }).map((hour) => hour * HOUR),
    fc.integer({ min: 0, max: DAYS }).map((day) => day * DAY),
    fc.integer({ min: 0, max: DAYS * 1440 }).map((minute) => minute * 60_000),
  );
  const among = (read: (call: Call) => string | null): fc.Arbitrary<string | null> =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      fc.nat(3999).map((at) => read(calls[at]!)),
    );
  const anyFilter = (): fc.Arbitrary<UsageFilter> =>
    fc.record({
      organizationId: among(({ organization }) => organization),
      userId: fc.oneof(
        fc.constant(null),
        among(({ user }) => user),
      ),
      keyId: fc.oneof(
        fc.constant(null),
        fc.constant(null),
        among(({ key }) => key),
      ),
      route: fc.oneof(
        fc.constant(null),
        among(({ route }) => route),
      ),
      method: fc.oneof(
        fc.constant(null),
        among(({ method }) => method),
      ),
      status: fc.constantFrom(null, null, { lowest: 400, highest: 499 }, { lowest: 200, highest: 200 }),
      environment: fc.oneof(fc.constant(null), fc.constantFrom('live', 'staging', 'nowhere')),
    });
  const anyPeriod = fc
    .tuple(anyTime, anyTime)
    .map(([a, b]) => [from + Math.min(a, b), from + Math.max(a, b) + 1] as const);
  const runs = { numRuns: 60 };

  it('is answered with the sums of exactly the calls meant, whatever the period and the filter', async () => {
    await fc.assert(
      fc.asyncProperty(anyPeriod, anyFilter(), async ([since, until], filter) => {
        const period = { from: new Date(since), to: new Date(until) };
        const meant = selected(since, until, filter);
        expect(shown(await usage.totals(period, filter))).toEqual(sumsOf(meant));
        const keys = new Set(meant.map(({ key }) => key).filter((key) => key !== null));
        expect(await usage.activeKeys(period, filter)).toBe(keys.size);
      }),
      runs,
    );
  }, 60_000);

  it('counts the keys that called also where sums by week are not kept', async () => {
    const period = { from: new Date(from + HOUR / 2), to: new Date(from + 2 * DAY) };
    const counted = await usage.activeKeys(period, everyCall);
    expect(counted).toBeGreaterThan(0);
    await app.sql(`update usage_shelves set kept_since = now() + interval '10 days' where grain = 'week'`);
    expect(await usage.activeKeys(period, everyCall)).toBe(counted);
    await app.sql(`update usage_shelves set kept_since = 'epoch' where grain = 'week'`);
  });

  it('by group is answered with each group of them', async () => {
    await fc.assert(
      fc.asyncProperty(anyPeriod, anyFilter(), fc.constantFrom(...groupings), async ([since, until], filter, by) => {
        const period = { from: new Date(since), to: new Date(until) };
        const groups = await usage.grouped(period, filter, by, { limit: 100, order: 'calls' });
        expect(asMap(groups)).toEqual(groupsOf(selected(since, until, filter), by));
        const counts = groups.map((group) => group.calls);
        expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      }),
      runs,
    );
  }, 60_000);

  it('by step is answered with each step that has any, without gap or overlap', async () => {
    const boundaries = fc.uniqueArray(anyTime, { minLength: 2, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(boundaries, anyFilter(), fc.constantFrom(undefined, ...groupings), async (times, filter, by) => {
        const at = times.toSorted((a, b) => a - b).map((ms) => from + ms);
        const { rows } = await usage.series(
          at.map((ms) => new Date(ms)),
          filter,
          by === undefined ? undefined : { by },
        );
        for (let step = 0; step + 1 < at.length; step++) {
          const meant = selected(at[step]!, at[step + 1]!, filter);
          const found = rows.filter((row) => row.step === step).map(({ step: _, ...row }) => row);
          if (by !== undefined) expect(asMap(found)).toEqual(groupsOf(meant, by));
          else
            expect(found.map(shown)).toEqual(
              meant.length === 0 ? [] : [{ value: null, method: null, ...sumsOf(meant) }],
            );
        }
        expect(rows.every(({ step }) => step >= 0 && step + 1 < at.length)).toBe(true);
      }),
      runs,
    );
  }, 60_000);

  it.each(['errors', 'latency', 'bytes'] as const)(
    'puts the groups with most %s first, and no more than asked for',
    async (order) => {
      const measure = ({ clientErrors, serverErrors, durationUs, calls: count, bytes }: GroupTotals): number =>
        ({ errors: clientErrors + serverErrors, latency: durationUs / count, bytes })[order];
      const period = { from: new Date(from), to: new Date(from + DAYS * DAY) };
      const all = await usage.grouped(period, everyCall, 'key', { limit: 100, order });
      const first = await usage.grouped(period, everyCall, 'key', { limit: 3, order });
      const values = all.map(measure);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(first).toEqual(all.slice(0, 3));
    },
  );

  it('says that it is not exact where calls are gone, and counts whole sums where they begin', async () => {
    const period = { from: new Date(from + 30 * 60_000 + 1), to: new Date(from + DAY) };
    expect((await usage.totals(period, everyCall)).isExact).toBeUndefined();
    await app.sql(`update usage_shelves set kept_since = now() + interval '10 days' where grain in ('call', 'minute')`);
    const answer = await usage.totals(period, everyCall);
    expect(answer).toMatchObject({ isExact: false, calls: selected(from + HOUR, from + DAY, everyCall).length });
    const where = `from=${period.from.toISOString()}&to=${period.to.toISOString()}`;
    for (const path of ['', '/latency', '/reports/consumption'])
      expect((await app.get(`/admin/analytics${path}?${where}`)).body.isExact).toBe(false);
    for (const path of ['/requests?', '/top?by=key&']) {
      const { series, items = series[0].points } = (await app.get(`/admin/analytics${path}${where}`)).body;
      expect(items.find(({ calls: count }: { calls: number }) => count > 0).isExact).toBe(false);
    }
    await app.sql(`update usage_shelves set kept_since = 'epoch'`);
  });
});
