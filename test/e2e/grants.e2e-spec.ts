import { startTestApp, type TestApp } from '../support/test-app.js';

describe('grants', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    await app.post('/admin/roles', { name: 'plain', permissions: [], organizationId: null });
  });
  afterAll(() => app.close());

  const explain = async (keyId: string, permission: string): Promise<any> =>
    (await app.get(`/admin/permissions/explain?keyId=${keyId}&permission=${permission}`)).body;

  it('to a user take effect at once and are taken away at once', async () => {
    const user = await app.user({ roles: ['plain'] });
    const grant = { userId: user.id, permissions: ['users:read'] };
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(403);
    expect((await app.post('/admin/permissions', grant)).body).toMatchObject({
      kind: 'user',
      permissions: ['users:read'],
    });
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(200);
    expect((await app.get(`/admin/users/${user.id}`)).body.permissions).toEqual(['users:read']);
    expect((await app.call('DELETE', '/admin/permissions', { body: grant })).status).toBe(204);
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(403);
  });

  it('to a role take effect at once, and may be taken away by a query', async () => {
    const { id } = (await app.post('/admin/roles', { name: 'desk', permissions: [], organizationId: null })).body;
    const user = await app.user({ roles: ['desk'] });
    await app.post('/admin/permissions', { roleId: id, permissions: ['logs:read', 'users:read'] });
    expect((await app.get('/admin/logs', { key: user.key })).status).toBe(200);
    expect((await app.delete(`/admin/permissions?roleId=${id}&permissions=logs:read,users:read`)).status).toBe(204);
    expect((await app.get('/admin/logs', { key: user.key })).status).toBe(403);
  });

  it('to a key narrow and widen what it may do within what its owner holds', async () => {
    const user = await app.user({ permissions: [] });
    expect((await app.get('/api-keys', { key: user.key })).status).toBe(403);
    await app.post('/admin/permissions', { keyId: user.keyId, permissions: ['api-keys:read', 'users:read'] });
    expect((await app.get('/api-keys', { key: user.key })).status).toBe(200);
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(403);
  });

  it('are not taken away while a wildcard would still give them', async () => {
    const user = await app.user({ roles: ['plain'] });
    await app.post('/admin/permissions', { userId: user.id, permissions: ['users:*', 'users:read'] });
    const refused = await app.call('DELETE', '/admin/permissions', {
      body: { userId: user.id, permissions: ['users:read'] },
    });
    expect(refused.body).toMatchObject({ status: 409, code: 'grant.still_granted', by: ['users:*'] });
  });

  it('are given and taken only by who holds them', async () => {
    const { id: target } = await app.user();
    const assigner = await app.user({ roles: ['plain'] });
    await app.post('/admin/permissions', {
      userId: assigner.id,
      permissions: ['permissions:assign', 'permissions:revoke'],
    });
    const body = { userId: target, permissions: ['users:delete'] };
    expect((await app.post('/admin/permissions', body, { key: assigner.key })).body.code).toBe('permission.escalation');
    await app.post('/admin/permissions', body);
    const taken = await app.call('DELETE', '/admin/permissions', { body, key: assigner.key });
    expect(taken.body.code).toBe('permission.escalation');
  });

  it('name exactly one holder and at least one permission that exists', async () => {
    const { id: userId, keyId } = await app.user();
    expect((await app.post('/admin/permissions', { userId, keyId, permissions: ['users:read'] })).status).toBe(400);
    expect((await app.post('/admin/permissions', { permissions: ['users:read'] })).status).toBe(400);
    expect((await app.post('/admin/permissions', { userId, permissions: [] })).status).toBe(400);
    expect((await app.post('/admin/permissions', { userId, permissions: ['no:such'] })).body.code).toBe(
      'permission.unknown',
    );
  });

  it('explain which role or grant gives a permission, and what is missing where none does', async () => {
    const user = await app.user({ permissions: ['api-keys:*'] });
    expect(await explain(user.keyId, 'api-keys:read')).toMatchObject({
      allowed: true,
      owner: [{ from: 'role', name: 'user', grant: 'api-keys:read' }],
      key: [{ from: 'key', grant: 'api-keys:*' }],
      missing: [],
    });
    expect(await explain(user.keyId, 'users:read')).toMatchObject({
      allowed: false,
      missing: [
        { to: 'owner', id: user.id, permission: 'users:read' },
        { to: 'key', id: user.keyId, permission: 'users:read' },
      ],
    });
  });

  it('explain the key of a user who is gone: revoked, and nothing is granted any more', async () => {
    const user = await app.user();
    await app.delete(`/admin/users/${user.id}`);
    expect(await explain(user.keyId, 'orders:read')).toMatchObject({
      allowed: false,
      status: 'revoked',
      owner: [],
      missing: [{ to: 'owner', id: user.id, permission: 'orders:read' }],
    });
  });
});
