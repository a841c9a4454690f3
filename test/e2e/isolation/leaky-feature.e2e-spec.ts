import pg from 'pg';
import { IsolationWalk } from '../../support/isolation-walk.js';
import { mixedSums } from '../../support/mixed-sums.js';
import { reachOf } from '../../support/route-reach.js';
import { prepareTenants, type Tenant, tenant } from '../../support/tenant-world.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createTestDatabase, dropTestDatabase } from '../../support/test-database.js';
import { leaflets } from './fixtures/leaflet.entity.js';
import { LeakyFeature } from './fixtures/leaky.feature.js';

const isFixtures = (path: string): boolean => /\/(kept|lost)\//.test(path);

describe('the isolation walk through a feature with deliberate mistakes', () => {
  let database: string;
  let app: TestApp;
  let [ours, theirs]: Tenant[] = [];
  let reach: ReadonlyMap<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    const client = new pg.Client(database);
    await client.connect();
    await client.query(leaflets);
    await client.query('grant select, insert, update, delete on leaflets to keyward_server'); // as after a migration
    await client.end();
    const unlimited = { KEYWARD_ADDRESS_LIMIT: 'off', KEYWARD_KEY_LIMIT: 'off' };
    app = await startTestApp(unlimited, database, [LeakyFeature]);
    await prepareTenants(app);
    const tenants = await Promise.all(['alpha', 'bravo', 'spent'].map((name) => tenant(app, name)));
    [ours, theirs] = tenants;
    reach = await reachOf(app, tenants[2]!, isFixtures);
  }, 120_000);
  afterAll(async () => {
    await app.close();
    await dropTestDatabase(database);
  });

  it('finds by itself what the routes are about', () => {
    expect(Object.fromEntries(reach)).toEqual({
      'DELETE /api/v1/kept/leaflets/:id': 'leaflets',
      'GET /api/v1/kept/leaflets/:id': 'leaflets',
      'GET /api/v1/lost/by-id/:id': 'leaflets',
      'PATCH /api/v1/lost/by-move/:id': 'leaflets',
      'PUT /api/v1/lost/by-wait/:id': 'leaflets',
    });
  });

  it('reports a sum over all organizations, and no other', async () => {
    const leaks = await mixedSums(app, ours!, theirs!, isFixtures);
    expect(leaks.map(({ route }) => route)).toEqual(['GET /api/v1/lost/by-sum']);
  }, 120_000);

  it('reports each route with a mistake, says what it is, and reports no other', async () => {
    const walk = await IsolationWalk.between(app, ours!, theirs!, ['bravo'], isFixtures);
    const leaks = await walk.leaksOf(reach);
    const found = new Map(leaks.map(({ route, what }) => [route, what]));
    expect(Object.fromEntries(found)).toEqual({
      'GET /api/v1/lost/by-id/:id': expect.stringMatching(/^answers an id of leaflets as id with /),
      'GET /api/v1/lost/by-file': expect.stringMatching(/^shows .* of theirs$/),
      'GET /api/v1/lost/by-list': expect.stringMatching(/^shows .* of theirs$/),
      'GET /api/v1/lost/by-filter': expect.stringMatching(/^answers an id of users as ownerId in the query with /),
      'PUT /api/v1/lost/by-wait/:id': expect.stringMatching(/^answers an id of leaflets as id with \{"status":503/),
      'POST /api/v1/lost/by-attachment': expect.stringMatching(/^changed rows of leaflets .* speak of them/),
      'PATCH /api/v1/lost/by-move/:id': expect.stringMatching(/^changed rows of leaflets that are theirs/),
    });
  }, 120_000);
});
