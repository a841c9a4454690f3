import { Database } from '#libs/database';
import { accessEvidence } from '../../apps/cli/src/audit/access-evidence.js';
import { customRole } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('the evidence report', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const now = async (): Promise<Date> => (await app.sql<{ now: Date }>('select clock_timestamp() as now'))[0]!.now;

  it('tells who could do what at the end of a period, whatever was changed since', async () => {
    await customRole(app, 'buyer', ['orders:read', 'orders:create']);
    const user = await app.user({ roles: ['buyer'] });
    const locked = await app.user();
    const gone = await app.user({ roles: ['buyer'] });
    const untouched = await app.user({ roles: ['buyer'] });
    await app.post(`/admin/users/${locked.id}/lock`, { reason: 'x' });
    const end = await now();
    await app.post(`/admin/users/${locked.id}/unlock`);
    await app.put(`/admin/users/${user.id}/roles`, { roles: ['admin'] });
    await app.delete(`/admin/users/${gone.id}`);
    await app.user();
    const [{ id }] = (await app.sql(`select id from roles where name = 'buyer'`)) as [{ id: string }];
    await app.patch(`/admin/roles/${id}`, { permissions: ['orders:read'] });
    const { users, roles } = await accessEvidence(app.app.get(Database), new Date(0), end);
    const of = (wanted: string) => users.find((each) => each.id === wanted);
    const bought = ['orders:create', 'orders:read'];
    expect(of(user.id)).toMatchObject({ roles: ['buyer'], grants: bought, isLocked: false, source: 'audit' });
    expect(of(untouched.id)).toMatchObject({ roles: ['buyer'], grants: bought, source: 'now' });
    expect(of(locked.id)).toMatchObject({ isLocked: true, source: 'audit' });
    expect(of(gone.id)).toBeDefined();
    expect(users).toHaveLength(5);
    expect(roles.find(({ name }) => name === 'buyer')).toMatchObject({
      grants: ['orders:read', 'orders:create'],
      source: 'audit',
    });
    const later = await accessEvidence(app.app.get(Database), new Date(0), await now());
    expect(later.users.find((each) => each.id === user.id)).toMatchObject({ roles: ['admin'], grants: ['*'] });
    expect(later.users.find((each) => each.id === untouched.id)).toMatchObject({ grants: ['orders:read'] });
  });

  it('shows a role to those who had it, though it is gone, and no lock that had ended', async () => {
    await customRole(app, 'passing', ['users:*']);
    const holder = await app.user({ roles: ['user', 'passing'] });
    const locked = await app.user();
    const until = new Date(Date.now() + 500);
    await app.post(`/admin/users/${locked.id}/lock`, { reason: 'x', until: until.toISOString() });
    await app.sql('select pg_sleep(0.6)');
    const end = await now();
    const [{ id }] = (await app.sql(`select id from roles where name = 'passing'`)) as [{ id: string }];
    expect((await app.delete(`/admin/roles/${id}?withdraw=true`)).status).toBe(204);
    const { users } = await accessEvidence(app.app.get(Database), new Date(0), end);
    const of = (wanted: string) => users.find((each) => each.id === wanted);
    expect(of(holder.id)).toMatchObject({ roles: ['passing', 'user'], source: 'audit' });
    expect(of(holder.id)!.grants).toContain('users:*');
    expect(of(locked.id)).toMatchObject({ isLocked: false });
    const [event] = (await app.get(`/admin/logs?target=${holder.id.toUpperCase()}&action=user.roles_changed`)).body
      .items;
    expect(event).toMatchObject({ before: { roles: ['passing', 'user'] }, after: { roles: ['user'] } });
  });

  it('names key events in the order of the log', async () => {
    for (let n = 0; n < 12; n++) await app.post('/api-keys', { name: 'many' });
    const { keyEvents } = await accessEvidence(app.app.get(Database), new Date(0), await now());
    const positions = keyEvents.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions.length).toBeGreaterThan(12);
  });

  it('names every key that was issued, rotated and revoked in the period, and by whom', async () => {
    const begin = await now();
    const first = (await app.post('/api-keys', { name: 'first' })).body.id;
    const next = (await app.post(`/api-keys/${first}/rotate`)).body.id;
    await app.delete(`/api-keys/${next}`);
    const end = await now();
    await app.post('/api-keys', { name: 'too late' });
    const { keyEvents } = await accessEvidence(app.app.get(Database), begin, end);
    const told = keyEvents.map(({ action, keyId, by }) => `${action} ${keyId} ${by}`);
    expect(new Set(told)).toEqual(
      new Set([
        `api_key.issued ${first} ${app.adminId}`,
        `api_key.rotated ${first} ${app.adminId}`,
        `api_key.issued ${next} ${app.adminId}`,
        `api_key.revoked ${next} ${app.adminId}`,
      ]),
    );
  });

  it('names keys that nobody has used for 90 days', async () => {
    const { id } = (await app.post('/api-keys', { name: 'forgotten' })).body;
    await app.sql(`update api_keys set created_at = now() - interval '91 days' where id = $1`, [id]);
    const { unusedKeys } = await accessEvidence(app.app.get(Database), new Date(0), await now());
    expect(unusedKeys.map((key) => key.id)).toEqual([id]);
  });
});
