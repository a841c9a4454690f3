import { AuditLog } from '#libs/audit';
import { organization } from '../support/tenants.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

const nobody = {
  kind: 'api_key',
  name: null,
  address: null,
  userAgent: null,
  requestId: null,
  organizationId: null,
} as const;

/** RFC 9562, 4: a UUID may be written in either case. */
describe('an id in capital letters', () => {
  let app: TestApp;
  let home: string;
  let owner: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    home = await organization(app, 'home');
    await app.post('/admin/roles', { name: 'home-admin', permissions: ['*'], organizationId: home });
    owner = await app.user({ roles: ['home-admin'], organizationId: home });
  });
  afterAll(() => app.close());

  it('is the same organization, in what is created there and in the answer', async () => {
    const organizationId = home.toUpperCase();
    const user = await app.post('/admin/users', { email: 'a@example.com', organizationId });
    const role = await app.post('/admin/roles', { name: 'in-capitals', permissions: [], organizationId });
    const account = await app.post('/admin/service-accounts', { name: 'robot', organizationId });
    expect([user, role, account].map(({ status, body }) => [status, body.organizationId])).toEqual([
      [201, home],
      [201, home],
      [201, home],
    ]);
  });

  it('is one’s own organization for whoever is bound to it', async () => {
    const organizationId = home.toUpperCase();
    const user = await app.post('/admin/users', { email: 'b@example.com', organizationId }, { key: owner.key });
    const role = await app.post('/admin/roles', { name: 'r', permissions: [], organizationId }, { key: owner.key });
    expect([user.status, role.status]).toEqual([201, 201]);
  });

  it('names the user who is granted something, in the answer, the audit log and what is exported', async () => {
    const { id, keyId } = await app.user();
    const granted = await app.post('/admin/permissions', { permissions: ['logs:read'], userId: id.toUpperCase() });
    expect(JSON.stringify(granted.body)).not.toContain(id.toUpperCase());
    const events = (await app.get(`/admin/logs?target=${id}&action=user.grants_changed`)).body.items;
    expect(events).toHaveLength(1);
    const { sections } = (await app.get(`/admin/users/${id}/export`)).body;
    expect(JSON.stringify(sections)).toContain('user.grants_changed');
    const explained = await app.get(`/admin/permissions/explain?keyId=${keyId.toUpperCase()}&permission=orders:read`);
    expect(explained.body.keyId).toBe(keyId);
  });

  it('leaves the audit log whole, also when a feature records it so', async () => {
    await app.app.get(AuditLog).record({
      actor: { ...nobody, userId: owner.id.toUpperCase(), keyId: owner.keyId.toUpperCase() },
      action: 'thing.done',
      target: { type: 'thing', id: 'X' },
      organizationId: home.toUpperCase(),
    });
    expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true, fault: null });
  });
});
