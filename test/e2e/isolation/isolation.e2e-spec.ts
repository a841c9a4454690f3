import { IsolationWalk } from '../../support/isolation-walk.js';
import { mixedSums } from '../../support/mixed-sums.js';
import { reachOf, routesWithIds } from '../../support/route-reach.js';
import { prepareTenants, type Tenant, tenant } from '../../support/tenant-world.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('an organization', () => {
  let app: TestApp;
  let [ours, theirs]: Tenant[] = [];
  let reach: ReadonlyMap<string, string>;

  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_ADDRESS_LIMIT: 'off', KEYWARD_KEY_LIMIT: 'off' });
    await prepareTenants(app);
    const tenants = await Promise.all(['alpha', 'bravo', 'spent'].map((name) => tenant(app, name)));
    [ours, theirs] = tenants;
    reach = await reachOf(app, tenants[2]!);
  }, 120_000);
  afterAll(() => app.close());

  it('has rows for every route that takes an id, so that the walk means something', () => {
    const routes = routesWithIds(app);
    expect(routes.length).toBeGreaterThan(25);
    expect(routes.filter((route) => !reach.has(route))).toEqual([]);
  });

  it('counts in no sum that another sees', async () => {
    expect(await mixedSums(app, ours!, theirs!)).toEqual([]);
  }, 120_000);

  it('neither shows nor yields anything to another, by no route, id or field, and nobody waits for its rows', async () => {
    const walk = await IsolationWalk.between(app, ours!, theirs!, ['bravo']);
    expect(await walk.leaksOf(reach)).toEqual([]);
  }, 300_000);
});
