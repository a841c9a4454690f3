import { randomUUID } from 'node:crypto';
import { customRole, organization } from '../support/tenants.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { callsOfYears, pastCalls } from '../support/usage-rows.js';

const DEFAULT_ORGANIZATION = '00000000-0000-7000-8000-000000000000';
const DAY = 'from=2026-01-02&to=2026-01-03';
const PROFILE = '/api/v1/profile';
const ORDERS = '/api/v1/orders/:id';
/** Latencies are known to the width of a bin. */
const near = (ms: number): number => expect.closeTo(ms, 0);

describe('analytics', () => {
  let app: TestApp;
  let ada: TestUser;
  let bob: TestUser;
  let elsewhere: string;
  let analyst: TestUser;

  const ask = async (path: string, key = app.adminKey): Promise<Answer['body']> => {
    const answer = await app.get(`/admin/analytics${path}`, { key });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  };

  beforeAll(async () => {
    app = await startTestApp(callsOfYears);
    elsewhere = await organization(app, 'elsewhere');
    await customRole(app, 'analyst', ['analytics:*']);
    ada = await app.user({ roles: ['user'] });
    bob = await app.user({ roles: ['user'], organizationId: elsewhere });
    analyst = await app.user({ roles: ['analyst'], organizationId: elsewhere });
    await pastCalls(app, [
      { at: '2026-01-01T12:00:00Z', by: ada, ms: 4 },
      { at: '2026-01-01T13:00:00Z', by: ada, ms: 4, status: 404 },
      { at: '2026-01-02T00:00:00Z', by: ada, ms: 1 },
      { at: '2026-01-02T10:30:00Z', by: ada, ms: 2 },
      { at: '2026-01-02T10:59:59.999Z', by: ada, ms: 3, status: 404, route: ORDERS },
      { at: '2026-01-02T11:00:00Z', by: ada, ms: 4, status: 500, route: ORDERS, method: 'PATCH' },
      { at: '2026-01-02T11:30:00Z', by: bob, organizationId: elsewhere, ms: 50, status: 403 },
      { at: '2026-01-02T23:59:59.999Z', ms: 1, status: 401 },
      { at: '2026-01-03T00:00:00Z', by: ada },
    ]);
    await app.sql(`update api_keys set environment = 'staging' where id = $1`, [bob.keyId]);
  });
  afterAll(() => app.close());

  describe('in sum', () => {
    it('count a period with its beginning and without its end, beside the period of equal length before', async () => {
      expect(await ask(`?${DAY}`)).toMatchObject({
        from: '2026-01-02T00:00:00.000Z',
        to: '2026-01-03T00:00:00.000Z',
        calls: 6,
        errors: 4,
        clientErrors: 3,
        serverErrors: 1,
        activeKeys: 2,
        bytes: 0,
        byStatus: { 200: 2, 401: 1, 403: 1, 404: 1, 500: 1 },
        previous: {
          from: '2026-01-01T00:00:00.000Z',
          to: '2026-01-02T00:00:00.000Z',
          calls: 2,
          errors: 1,
          errorShare: 0.5,
        },
        changes: { calls: 2, errors: 3, activeKeys: 1, bytes: null, errorShare: expect.closeTo(1 / 6) },
      });
    });

    it.each([
      ['keyId', () => ada.keyId, 4],
      ['userId', () => bob.id, 1],
      ['organizationId', () => elsewhere, 1],
      ['route', () => ORDERS, 2],
      ['method', () => 'PATCH', 1],
      ['status', () => '404', 1],
      ['status', () => '4xx', 3],
      ['status', () => '5xx', 1],
      ['environment', () => 'staging', 1],
      ['environment', () => 'live', 4],
    ])('narrow to %s', async (name, value, calls) => {
      expect((await ask(`?${DAY}&${name}=${encodeURIComponent(value())}`)).calls).toBe(calls);
    });

    it('narrow to all of several filters', async () => {
      expect((await ask(`?${DAY}&keyId=${ada.keyId}&status=4xx&method=GET`)).calls).toBe(1);
    });

    it('take times without an offset for those of the zone', async () => {
      const berlin = await ask('?from=2026-01-02&to=2026-01-02T11:30&zone=Europe/Berlin');
      expect(berlin).toMatchObject({ from: '2026-01-01T23:00:00.000Z', to: '2026-01-02T10:30:00.000Z', calls: 1 });
    });

    it.each([
      ['zone=Mars/Olympus', '/zone'],
      ['zone=%2B02:00', '/zone'],
      ['status=6xx', '/status'],
      ['status=40', '/status'],
      ['method=get', '/method'],
      ['from=2026-02-30T00:00', '/from'],
      ['from=2026-01-02&to=2026-01-02', '/from'],
      ['unknown=1', '/unknown'],
    ])('refuse ?%s and say what is allowed', async (query, pointer) => {
      const refused = await app.get(`/admin/analytics?${query}`);
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, pointer]);
    });
  });

  describe('step by step', () => {
    const counts = (line: Answer['body']): number[] => line.points.map(({ calls }: { calls: number }) => calls);

    it('show every step, also those without calls', async () => {
      const { series, step } = await ask(`/requests?${DAY}&step=hour`);
      expect([step, series.length]).toEqual(['hour', 1]);
      const expected = Array.from({ length: 24 }, (_, hour) => ({ 0: 1, 10: 2, 11: 2, 23: 1 })[hour] ?? 0);
      expect(counts(series[0])).toEqual(expected);
      expect(series[0].points[10]).toMatchObject({
        at: '2026-01-02T10:00:00.000Z',
        calls: 2,
        clientErrors: 1,
        latencyMs: { p99: near(3) },
      });
      expect(series[0].points[1].latencyMs).toEqual({ p50: null, p95: null, p99: null });
    });

    it('cut days at the midnights of the zone, those of 23 and of 25 hours too', async () => {
      await pastCalls(app, [
        { at: '2025-10-25T22:00:00Z', by: ada }, // the first moment of the day of 25 hours
        { at: '2025-10-26T22:59:59.999Z', by: ada }, // its last
        { at: '2025-10-26T23:00:00Z', by: ada },
      ]);
      const long = await ask('/requests?from=2025-10-25&to=2025-10-28&step=day&zone=Europe/Berlin');
      expect(counts(long.series[0])).toEqual([0, 2, 1]);
      const short = await ask('/requests?from=2026-03-29&to=2026-03-30&step=hour&zone=Europe/Berlin');
      expect(short.series[0].points).toHaveLength(23);
    });

    it('cut the first and the last step to the period', async () => {
      const { series } = await ask('/requests?from=2026-01-02T10:45:00Z&to=2026-01-02T11:00:00.001Z&step=hour');
      expect(counts(series[0])).toEqual([1, 1]);
    });

    it.each(['organization', 'user', 'key', 'route', 'method', 'status', 'environment'])(
      'grouped by %s add up to the whole',
      async (by) => {
        const whole = (await ask(`/requests?${DAY}`)).series[0];
        for (const groups of [1, 10]) {
          const { series, groupBy } = await ask(`/requests?${DAY}&groupBy=${by}&groups=${groups}`);
          expect(groupBy).toBe(by);
          const added = counts(whole).map((_, step) =>
            series.reduce((sum: number, line: Answer['body']) => sum + line.points[step].calls, 0),
          );
          expect(added).toEqual(counts(whole));
        }
      },
    );

    it('grouped by key name the key, and what has none is left', async () => {
      const { series } = await ask(`/requests?${DAY}&groupBy=key&step=day`);
      expect(
        series.map(({ group, calls }: Answer['body']) => [group?.value ?? null, group?.name ?? null, calls]),
      ).toEqual([
        [ada.keyId, 'test', 4],
        [bob.keyId, 'test', 1],
        [null, null, 1],
      ]);
      expect(series[0].group.start).toMatch(/^kw_live_/);
    });

    it('have no more than 1,500 steps, and the refusal says so', async () => {
      const refused = await app.get('/admin/analytics/requests?from=2026-01-01&to=2026-01-03&step=minute');
      expect([refused.status, refused.body.errors]).toEqual([
        400,
        [{ pointer: '/step', detail: expect.stringContaining('1500') }],
      ]);
    });
  });

  describe('ranked', () => {
    it.each([
      ['by=key&order=latency', () => [bob.keyId, ada.keyId, null]],
      ['by=key&order=calls&limit=1', () => [ada.keyId]],
      ['by=user&order=errors&limit=1', () => [ada.id]],
      ['by=organization', () => [DEFAULT_ORGANIZATION, elsewhere]],
      ['by=status&limit=1', () => ['200']],
    ])('come in order: %s', async (query, values) => {
      const { items } = await ask(`/top?${DAY}&${query}`);
      expect(items.map(({ group }: Answer['body']) => group.value)).toEqual(values());
    });

    it('tell names: of keys, users and organizations', async () => {
      const named = async (by: string): Promise<unknown> => (await ask(`/top?${DAY}&by=${by}`)).items[0].group;
      expect(await named('key')).toMatchObject({
        value: ada.keyId,
        name: 'test',
        start: expect.stringMatching(/^kw_/),
      });
      expect(await named('user')).toMatchObject({ value: ada.id, name: ada.email });
      expect(await named('organization')).toMatchObject({ value: DEFAULT_ORGANIZATION, name: 'default' });
      expect(await named('endpoint')).toMatchObject({ value: PROFILE, method: 'GET', name: null });
    });

    it('tell no name that the caller may not see elsewhere', async () => {
      const { items } = await ask(`/top?${DAY}&by=user`, analyst.key);
      expect(items).toMatchObject([{ group: { value: bob.id, name: null }, calls: 1, meanMs: 50 }]);
      expect((await ask(`/top?${DAY}&by=key`, analyst.key)).items[0].group).toMatchObject({ name: null, start: null });
      expect((await ask(`/top?${DAY}&by=organization`, analyst.key)).items[0].group.name).toBe('elsewhere');
    });

    it('need to be told by what', async () => {
      expect((await app.get('/admin/analytics/top')).body.errors[0].pointer).toBe('/by');
    });
  });

  it('tell how long calls took, over the period, step by step and in a histogram', async () => {
    const latency = await ask(`/latency?${DAY}&keyId=${ada.keyId}&step=hour`);
    expect(latency).toMatchObject({ calls: 4, meanMs: 2.5, latencyMs: { p99: near(4), p999: near(4) } });
    expect(latency.points).toHaveLength(24);
    expect(latency.points[11]).toMatchObject({ calls: 1, p50: near(4), p999: near(4) });
    const counted = latency.histogram.reduce((sum: number, { calls }: { calls: number }) => sum + calls, 0);
    expect(counted).toBe(4);
    for (const [at, ms] of [1, 2, 3, 4].entries()) {
      expect(latency.histogram[at].fromMs).toBeLessThanOrEqual(ms);
      expect(latency.histogram[at].toMs).toBeGreaterThan(ms);
    }
  });

  describe('of one organization', () => {
    it.each(['', '/requests', '/top?by=key', '/latency'])(
      '%s are all that its own see, whatever they ask for',
      async (path) => {
        const calls = async (query: string): Promise<number> => {
          const body = await ask(`${path}${path.includes('?') ? '&' : '?'}${DAY}${query}`, analyst.key);
          return body.calls ?? (body.series ?? body.items).reduce((sum: number, part: any) => sum + part.calls, 0);
        };
        expect(await calls('')).toBe(1);
        expect(await calls(`&organizationId=${elsewhere}`)).toBe(1);
        expect(await calls(`&organizationId=${elsewhere.toUpperCase()}`)).toBe(1);
        for (const foreign of [DEFAULT_ORGANIZATION, randomUUID()])
          expect(await calls(`&organizationId=${foreign}`)).toBe(0);
        for (const foreign of [ada.keyId, randomUUID()]) expect(await calls(`&keyId=${foreign}`)).toBe(0);
        for (const foreign of [ada.id, randomUUID()]) expect(await calls(`&userId=${foreign}`)).toBe(0);
      },
    );
  });

  describe('of one’s own calls', () => {
    it('sum up all of one’s keys', async () => {
      const own = await app.get(`/profile/usage?${DAY}`, { key: ada.key });
      expect(own.body).toMatchObject({ calls: 4, activeKeys: 1, previous: { calls: 2 } });
      expect((await app.get(`/profile/usage?${DAY}&status=5xx`, { key: ada.key })).body.calls).toBe(1);
      expect((await app.get(`/profile/usage?${DAY}&keyId=${bob.keyId}`, { key: ada.key })).body.calls).toBe(0);
    });

    it('do not reach over to others', async () => {
      const refused = await app.get(`/profile/usage?userId=${bob.id}`, { key: ada.key });
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, '/userId']);
    });

    it('narrow those of one key', async () => {
      const usage = async (query: string): Promise<Answer['body']> =>
        (await app.get(`/api-keys/${ada.keyId}/usage?${query}`, { key: ada.key })).body;
      expect((await usage(`${DAY}&route=${encodeURIComponent(ORDERS)}`)).calls).toBe(2);
      expect((await usage('from=2026-01-03&to=2026-01-04&zone=Asia/Tokyo')).calls).toBe(1);
    });
  });
});
