import { customRole, organization } from '../support/tenants.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

/** As on the first day of an installation, whose records and sums of the past are not there, or not any more. */
describe('analytics of a time of which nothing is kept', () => {
  let app: TestApp;
  let analyst: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    await customRole(app, 'analyst', ['analytics:*']);
    analyst = await app.user({ roles: ['analyst', 'user'], organizationId: await organization(app, 'elsewhere') });
  });
  afterAll(() => app.close());

  const longAgo = 'from=2011-12-28&to=2012-01-02';
  const ofOneDay = 'from=2020-08-20T05:00:00Z&to=2020-08-20T09:00:00Z';
  it.each([
    `/admin/analytics?${longAgo}`,
    `/admin/analytics?${ofOneDay}&status=4xx`,
    '/admin/analytics?from=2023-01-01&status=4xx',
    '/admin/analytics?from=0001-01-01&to=9999-12-31&method=GET',
    `/admin/analytics/requests?${longAgo}&step=day`,
    `/admin/analytics/requests?${ofOneDay}&groupBy=key`,
    `/admin/analytics/latency?${longAgo}&step=day`,
    `/admin/analytics/top?by=key&${longAgo}&method=GET`,
    `/admin/analytics/reports/consumption?from=2020-01-01&to=2020-02-01`,
    `/profile/usage?${longAgo}`,
  ])('is an answer without calls: %s', async (path) => {
    for (const key of [app.adminKey, analyst.key]) {
      const { status, body } = await app.get(path, { key });
      expect([status, body.code]).toEqual([200, undefined]);
    }
  });

  it('says that it is not exact, at every step', async () => {
    const { body } = await app.get(`/admin/analytics/requests?${ofOneDay}`);
    expect(body).toMatchObject({ isExact: false, series: [{ calls: 0 }] });
    expect(body.series[0].points.map((point: { isExact?: boolean }) => point.isExact)).toEqual(Array(4).fill(false));
  });

  it.each([
    ['to=9999-12-31T23:59:59-23:59', '/to'],
    ['from=0000-01-01', '/from'],
    ['zone=America/Los_Angeles&to=9999-12-31T23:59:59', '/to'],
    ['environment=', '/environment'],
  ])('is not asked by what cannot be written: %s', async (query, pointer) => {
    const { status, body } = await app.get(`/admin/analytics?${query}`);
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('has no calls of the nil id, under which those without a key are summed up', async () => {
    await app.get('/profile', { key: null });
    for (const name of ['keyId', 'userId', 'organizationId']) {
      const { body } = await app.get(`/admin/analytics?${name}=00000000-0000-0000-0000-000000000000`);
      expect([name, body.calls]).toEqual([name, 0]);
    }
  });
});
