import pg from 'pg';
import { UsageRetention } from '../../libs/analytics/src/usage-retention.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { foldAll } from '../support/usage-rows.js';

describe('usage by day', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp({ KEYWARD_USAGE_RETENTION_DAYS: '20' });
    await run();
    await app.sql('truncate api_usage, usage_deltas, usage_points');
    await app.sql(`update usage_shelves set kept_since = 'epoch', moved_at = 'epoch'`); // as in the first minute
  });
  afterEach(() => app.close());

  const run = (): Promise<void> => app.app.get(UsageRetention, { strict: false }).run();
  const differences = (): Promise<object[]> => app.sql('select * from usage_differences()');
  /** Ten calls for each of the last `days` days, folded; partitions for all of them. */
  const fill = async (days: number): Promise<void> => {
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, route_id, status_code, request_id, address)
       select now() - make_interval(days => day), n, usage_route_id('GET', '/old'), 200, day || '-' || n, '192.0.2.1'
       from generate_series(0, $1) day, generate_series(1, 10) n`,
      [days],
    );
    await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
    await foldAll(app);
  };
  const inDefault = async (): Promise<number> =>
    (await app.sql<{ n: number }>('select count(*)::int as n from api_usage_default'))[0]?.n ?? -1;
  const oldest = async (): Promise<number> =>
    (
      await app.sql<{ days: number }>(
        `select (now() at time zone 'UTC')::date - min(day) as days from usage_partitions()`,
      )
    )[0]?.days ?? -1;
  const calls = async (): Promise<number> =>
    (await app.sql<{ n: number }>(`select count(*)::int as n from api_usage where request_id like '%-%'`))[0]?.n ?? -1;
  const anHourLater = (): Promise<object[]> =>
    app.sql(`update usage_shelves set moved_at = moved_at - interval '1 hour'`);

  it('has a partition for today and each of the seven days ahead', async () => {
    const [ahead] = await app.sql(
      `select count(*)::int as days from usage_partitions() where day between (now() at time zone 'UTC')::date and (now() at time zone 'UTC')::date + 7`,
    );
    expect(ahead).toEqual({ days: 8 });
    expect(await inDefault()).toBe(0);
  });

  it('moves what the default caught into the partition of its day, with no moment at which a call is missing or twice', async () => {
    await fill(10);
    expect(await inDefault()).toBeGreaterThan(0);
    let isOver = false;
    const looking = (async () => {
      while (!isOver) expect(await calls()).toBe(110);
    })();
    await run();
    isOver = true;
    await looking;
    expect([await inDefault(), await oldest(), await calls()]).toEqual([0, 10, 110]);
    expect(await differences()).toEqual([]);
  });

  it('is not held up by a default that has caught more than can be moved while calls are written', async () => {
    const [{ tomorrow } = { tomorrow: '' }] = await app.sql<{ tomorrow: string }>(
      `select ((now() at time zone 'UTC')::date + 1)::text as tomorrow`,
    );
    await app.sql('select usage_drop_partition($1)', [tomorrow]);
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, route_id, status_code, request_id)
       select now() + interval '30 days', 1, usage_route_id('GET', '/early'), 200, 'early-' || n from generate_series(1, 100001) n`,
    );
    await run();
    expect(await inDefault()).toBe(100_001);
    expect(await app.sql('select from usage_partitions() where day = $1', [tomorrow])).toHaveLength(1);
    const line = app.logger.lines.find((text) => text.includes('is not emptied')) ?? '';
    await app.sql(JSON.parse(/\{.*\}/.exec(line)?.[0] ?? '{}').toEmpty);
    expect(await inDefault()).toBe(0);
  });

  it('goes when it has been due for an hour, and its sums stay', async () => {
    await fill(22);
    await run();
    expect([await oldest(), await calls()]).toEqual([22, 230]);
    await run();
    expect(await oldest()).toBe(22);
    await anHourLater();
    await run();
    expect([await oldest(), await calls()]).toEqual([20, 210]);
    expect(await differences()).toEqual([]);
    const [sum] = await app.sql(
      `select sum(calls)::int as calls from usage_points where view = 'environment' and grain = 'day'`,
    );
    expect(sum).toEqual({ calls: 230 });
  });

  it('stays when more days than expected are due at once, until the operator allows it', async () => {
    await fill(60);
    await run();
    await anHourLater();
    await run();
    expect(await calls()).toBe(610);
    const line = app.logger.lines.find((text) => text.includes('Nothing of usage is dropped')) ?? '';
    const refusal = JSON.parse(/\{.*\}/.exec(line)?.[0] ?? '{}');
    expect(refusal).toMatchObject({ days: 40 });
    await app.sql(refusal.toAllow);
    await run();
    expect([await oldest(), await calls()]).toEqual([20, 210]);
  });

  it('is neither made nor dropped while somebody reads for long, whom nobody else then waits for', async () => {
    await fill(22);
    const reader = new pg.Client(app.databaseUrl);
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from api_usage');
    await expect(run()).rejects.toThrow(/lock timeout/);
    expect((await app.get('/profile')).status).toBe(200);
    await reader.query('rollback');
    await reader.end();
    await run();
    expect(await inDefault()).toBe(0);
  });

  it('takes calls of a clock that is years off, and gives them days of their own', async () => {
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, route_id, status_code, request_id)
       select at::timestamptz, 1, usage_route_id('GET', null), 200, at from unnest(array['2099-06-01T12:00:00Z', '1999-01-01T00:00:00Z', '12000-01-01T00:00:00Z']) at`,
    );
    await run();
    await anHourLater();
    await eventually(run);
    const rows = await app.sql<{ at: string; day: string }>(
      'select request_id as at, tableoid::regclass::text as day from api_usage order by occurred_at',
    );
    expect(rows.map(({ day }) => day)).toEqual(['api_usage_p20990601', 'api_usage_default']);
  });
});
