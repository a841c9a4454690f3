import { PermissionCatalogue } from '#libs/access';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('the permission catalogue', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('lists every permission once, by category, with what it allows', async () => {
    const { status, body } = await app.get('/admin/permissions');
    expect(status).toBe(200);
    const listed = body.categories.flatMap(({ permissions }: any) => permissions);
    expect(new Set(listed.map(({ name }: any) => name)).size).toBe(listed.length);
    expect(listed.length).toBe(body.total);
    for (const { name, description } of listed) {
      expect(name).toMatch(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/);
      expect(description.length).toBeGreaterThan(5);
    }
  });

  it('holds at least 21 permissions in at least 8 categories, those of the contract among them', async () => {
    const { body } = await app.get('/admin/permissions');
    expect(body.total).toBeGreaterThanOrEqual(21);
    expect(body.categories.length).toBeGreaterThanOrEqual(8);
    const names = body.categories.flatMap(({ permissions }: any) => permissions.map(({ name }: any) => name));
    expect(names).toEqual(
      expect.arrayContaining([
        ...['create', 'read', 'update', 'delete', 'lock'].map((action) => `users:${action}`),
        ...['create', 'read', 'update', 'rotate', 'revoke', 'manage', 'verify'].map((action) => `api-keys:${action}`),
        ...['read', 'assign', 'revoke'].map((action) => `permissions:${action}`),
        'roles:manage',
        'monitoring:read',
        'monitoring:diagnose',
        'logs:read',
        'logs:export',
        'system:read',
        'system:configure',
        'analytics:read',
        'analytics:export',
        'security:read',
        'security:resolve',
      ]),
    );
  });

  it('stands in the database as the code declares it; what is declared no more is retired, not deleted', async () => {
    await app.sql(
      `insert into permissions (name, category, description) values ('old:thing', 'old', 'Was once declared')`,
    );
    await app.sql(`update permissions set description = 'changed by hand' where name = 'users:read'`);
    const again = await startTestApp({}, app.databaseUrl);
    const rows = await again.sql<{ name: string; description: string }>(
      'select name, description from permissions where retired_at is null order by name',
    );
    const declared = again.app
      .get(PermissionCatalogue)
      .all()
      .map(({ name, description }) => ({ name, description }));
    expect(rows).toEqual(declared.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    expect(await again.sql(`select name from permissions where retired_at is not null`)).toEqual([
      { name: 'old:thing' },
    ]);
    await again.close();
  });

  it('is the same after two replicas have started at once', async () => {
    const replicas = await Promise.all([startTestApp({}, app.databaseUrl), startTestApp({}, app.databaseUrl)]);
    const [row] = await app.sql<{ live: number }>(
      'select count(*)::int as live from permissions where retired_at is null',
    );
    expect(row!.live).toBe(app.app.get(PermissionCatalogue).all().length);
    await Promise.all(replicas.map((replica) => replica.close()));
  });
});
