import pg from 'pg';
import { UsageFolding } from '../../libs/analytics/src/usage-folding.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { foldAll } from '../support/usage-rows.js';

interface Sum {
  view: string;
  grain: string;
  calls: number;
}

describe('sums of usage', () => {
  let app: TestApp;
  let replica: TestApp;
  let users: TestUser[];
  beforeAll(async () => {
    app = await startTestApp();
    replica = await startTestApp({}, app.databaseUrl);
    users = await Promise.all(Array.from({ length: 4 }, () => app.user()));
  });
  afterAll(async () => {
    await replica.close();
    await app.close();
  });

  const differences = (): Promise<object[]> => app.sql('select * from usage_differences() limit 5');
  /** Every kind of call on both replicas until `isOver`. */
  const load = async (isOver: () => boolean): Promise<void> => {
    const caller = async (at: TestApp, key: string | null): Promise<void> => {
      for (let call = 0; !isOver(); call++)
        await at.get(['/profile', '/admin/users', '/nothing'][call % 3] ?? '', { key });
    };
    const keys = [...users.map(({ key }) => key), null, 'garbage'];
    await Promise.all([app, replica].flatMap((at) => keys.map((key) => caller(at, key))));
  };

  it('are the calls at every moment, while two replicas write, both fold, and their writers are killed', async () => {
    let isOver = false;
    const loading = load(() => isOver);
    for (let look = 0; look < 12; look++) {
      expect(await differences()).toEqual([]);
      if (look % 4 === 3)
        await app.sql(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'keyward usage'`,
        );
      await Promise.all([app, replica].map((at) => at.app.get(UsageFolding, { strict: false }).fold()));
    }
    isOver = true;
    await loading;
    expect(await differences()).toEqual([]);
  }, 60_000);

  it('hold every call once for each view and grain when all is folded', async () => {
    await foldAll(app);
    const [{ calls }] = (await app.sql('select count(*)::int as calls from api_usage')) as [{ calls: number }];
    const sums = await app.sql<Sum>(
      'select view, grain, sum(calls)::int as calls from usage_points group by 1, 2 order by 1, 2',
    );
    expect(calls).toBeGreaterThan(30);
    expect(sums).toHaveLength(26);
    expect(sums.filter((sum) => sum.calls !== calls)).toEqual([]);
  });

  it('count bytes of the answers and environment of the keys', async () => {
    const key = (await app.post('/api-keys', { name: 'staged', environment: 'staging' })).body;
    const { text } = await app.get('/profile', { key: key.key });
    await foldAll(app);
    const rows = await app.sql(
      `select environment, bytes::int, p.calls::int, r.method, r.route from usage_points p join usage_series s on s.id = p.series_id
         join usage_routes r on r.id = s.route_id where p.view = 'key_route' and p.grain = 'day' and api_key_id = $1`,
      [key.id],
    );
    expect(rows).toEqual([
      { environment: 'staging', bytes: Buffer.byteLength(text), calls: 1, method: 'GET', route: '/api/v1/profile' },
    ]);
  });

  it('are neither lost nor doubled when the folding session is killed midway', async () => {
    await users.reduce(
      (before, { key }) => before.then(() => app.get('/profile', { key })),
      Promise.resolve<unknown>(0),
    );
    const session = new pg.Client(app.databaseUrl);
    session.on('error', () => undefined);
    await session.connect();
    await session.query('begin');
    await session.query('select usage_fold(100000)');
    await app.sql(`select pg_terminate_backend($1)`, [Reflect.get(session, 'processID')]);
    await session.end().catch(() => undefined);
    expect(await differences()).toEqual([]);
    await foldAll(app);
    expect(await differences()).toEqual([]);
  });

  it('show every kind of difference from the calls', async () => {
    for (const wrong of [
      'update usage_points set calls = calls + 1',
      `update usage_points set latency = latency + 1 where grain = 'hour'`,
      `update usage_points set client_errors = client_errors + 1 where view = 'caller'`,
      `delete from usage_points where view = 'key'`,
    ]) {
      await foldAll(app);
      await app.sql(wrong);
      expect(await differences()).not.toEqual([]);
      await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
      expect(await differences()).toEqual([]);
    }
    await foldAll(app);
    expect(await differences()).toEqual([]);
  });

  it('of a week outlive its calls when all others are made anew, and those of a time are made anew with their week', async () => {
    const perWeek = (): Promise<object[]> =>
      app.sql(
        `select bucket_at::text, sum(calls)::int as calls from usage_points where view = 'environment' and grain = 'week' group by 1 order by 1`,
      );
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, response_bytes, route_id, status_code, request_id)
       select usage_bucket('week', now()) + n * interval '1 day', 1, 1, usage_route_id('GET', '/then'), 200, 'then ' || n
       from generate_series(-14, -1) n`,
    );
    await app.sql(`select usage_rebuild(now() - interval '15 days', now())`);
    await foldAll(app);
    expect(await differences()).toEqual([]);
    const before = await perWeek();
    await app.sql(
      `update usage_shelves set kept_since = usage_bucket('week', now()) - interval '10 days' where grain = 'call'`,
    );
    await app.sql(`delete from api_usage where occurred_at < usage_bucket('week', now()) - interval '10 days'`);
    await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
    await foldAll(app);
    expect(await perWeek()).toEqual(before);
    // from the middle of a week on: the days and the hours before belong to its sums as well
    await app.sql(`select usage_rebuild(usage_bucket('week', now()) - interval '77 hours', now())`);
    await foldAll(app);
    expect(await perWeek()).toEqual(before);
    expect(await differences()).toEqual([]);
    await app.sql(`update usage_shelves set kept_since = 'epoch'`);
  });

  it('use the bins of LatencyHistogram in the database too', async () => {
    const { LatencyHistogram } = await import('#libs/analytics');
    const edges = Array.from({ length: 208 }, (_, bin) => bin).flatMap((bin) => {
      const us = bin < 16 ? bin * 8 : ((bin & 7) + 8) * 2 ** ((bin >> 3) + 2);
      return [us, us - 1].filter((value) => value >= 0 && value <= 2_147_483_647);
    });
    const rows = await app.sql<{ us: number; bin: number }>(
      `select us, width_bucket(us, usage_latency_bounds()) as bin from unnest($1::int[]) us`,
      [edges],
    );
    expect(rows.filter(({ us, bin }) => LatencyHistogram.binOf(us) !== bin)).toEqual([]);
    const [{ text }] = (await app.sql('select sum(usage_latency(us))::text as text from unnest($1::int[]) us', [
      edges,
    ])) as [{ text: string }];
    const here = new LatencyHistogram();
    for (const us of edges) here.add(us);
    expect(LatencyHistogram.parse(text).bins).toEqual(here.bins);
  });

  it('take thousands of callers in time in a session that has only known few', async () => {
    await foldAll(app);
    await app.sql('analyze');
    const session = new pg.Client(app.databaseUrl);
    session.on('error', () => undefined); // that it is killed, when the test fails and leaves it
    await session.connect();
    await session.query(`set statement_timeout = '8s'`);
    const call = async (callers: number): Promise<number> => {
      await session.query(
        `with calls as (
           insert into api_usage (occurred_at, duration_us, response_bytes, route_id, status_code, api_key_id, user_id, request_id)
           select now(), 1, 1, usage_route_id('GET', '/crowd'), 200, id, id, '' from (
             select md5(n::text)::uuid as id from generate_series(1, $1::int) n
           ) met returning *
         )
         insert into usage_deltas (minute, bytes, duration_us, calls, route_id, status_code, api_key_id, user_id, latency)
         select date_trunc('minute', occurred_at), response_bytes, duration_us, 1, route_id, status_code, api_key_id, user_id,
           usage_latency(duration_us) from calls`,
        [callers],
      );
      const { rows } = await session.query('select usage_fold(100000) as folded');
      return rows[0].folded;
    };
    for (const callers of [1, 1, 1, 1, 1, 1, 8000, 8000]) expect(await call(callers)).toBe(callers);
    await session.end();
    const summed = await app.sql(
      `select calls::int, count(*)::int as callers from usage_points p join usage_series s on s.id = p.series_id
       join usage_routes r on r.id = s.route_id
       where p.view = 'key_route' and grain = 'week' and route = '/crowd' group by 1 order by 1`,
    );
    expect(summed).toEqual([
      { calls: 2, callers: 7999 },
      { calls: 8, callers: 1 },
    ]);
  }, 60_000);
});
