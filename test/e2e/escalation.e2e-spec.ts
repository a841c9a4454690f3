import { startTestApp, type TestApp } from '../support/test-app.js';

describe('nobody rises by way of keys', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    const owner = { name: 'org-owner', permissions: ['*'], organizationId: null };
    const helpdesk = { name: 'helpdesk', permissions: ['api-keys:*', 'users:*'], organizationId: null };
    for (const role of [owner, helpdesk]) await app.post('/admin/roles', role);
  });
  afterAll(() => app.close());

  it('from one organization to the installation, by a key issued for or rotated from an administrator', async () => {
    const owner = { key: (await app.user({ roles: ['org-owner'] })).key };
    const issued = await app.post(`/admin/users/${app.adminId}/api-keys`, { name: 'root', permissions: ['*'] }, owner);
    expect([issued.status, issued.body.code]).toEqual([403, 'permission.escalation']);
    const rotated = await app.post(`/admin/api-keys/${app.adminKeyId}/rotate`, {}, owner);
    expect([rotated.status, rotated.body.code]).toEqual([403, 'permission.escalation']);
  });

  it('with a user whose powers in one organization come to reach over all by a role that holds little', async () => {
    const wide = { name: 'wide', permissions: ['permissions:*'], organizationId: null, installationWide: true };
    await app.post('/admin/roles', wide);
    const actor = { key: (await app.user({ roles: ['wide'] })).key };
    const user = await app.user({ roles: ['helpdesk'] });
    const path = `/admin/users/${user.id}/roles`;
    const widened = await app.call('PUT', path, { body: { roles: ['helpdesk', 'wide'] }, ...actor });
    expect([widened.status, widened.body.code]).toEqual([403, 'permission.escalation']);
    expect((await app.call('PUT', path, { body: { roles: ['helpdesk', 'wide'] } })).status).toBe(200);
  });

  it('with a user who is promoted later, by a key that was issued for them without saying what it grants', async () => {
    const helpdesk = await app.user({ roles: ['helpdesk'] }); // their key is granted *
    const user = await app.user();
    const issued = await app.post(`/admin/users/${user.id}/api-keys`, { name: 'default' }, { key: helpdesk.key });
    expect(issued.body.permissions).toEqual(['api-keys:*', 'users:*']);
    await app.call('PUT', `/admin/users/${user.id}/roles`, { body: { roles: ['org-owner'] } });
    expect((await app.get('/admin/logs', { key: issued.body.key })).body.code).toBe('permission.missing');
  });

  it('over an administrator, by disabling or revoking their keys', async () => {
    const helpdesk = { key: (await app.user({ roles: ['helpdesk'] })).key };
    const path = `/admin/api-keys/${app.adminKeyId}`;
    expect((await app.patch(path, { status: 'disabled' }, helpdesk)).body.code).toBe('permission.escalation');
    expect((await app.delete(path, helpdesk)).body.code).toBe('permission.escalation');
    expect((await app.get('/profile')).status).toBe(200);
  });

  it('over an administrator of the installation who is in their organization, by erasing them', async () => {
    const victim = await app.user({ roles: ['admin'] });
    const owner = { key: (await app.user({ roles: ['org-owner'] })).key };
    const erased = await app.post(`/admin/users/${victim.id}/erase`, {}, owner);
    expect([erased.status, erased.body.code]).toEqual([403, 'permission.escalation']);
    expect((await app.get('/profile', { key: victim.key })).status).toBe(200);
  });

  it('over the bounds of the key that they present, by changing it or issuing another', async () => {
    const { id } = await app.user();
    const bounds = {
      expiresInDays: 1,
      rateLimit: { limit: 50, windowSeconds: 60 },
      quota: { limit: 100, period: 'total' },
      allowedAddresses: ['127.0.0.1'],
    };
    const { body: bound } = await app.post(`/admin/users/${id}/api-keys`, { name: 'bound', ...bounds });
    const call = { key: bound.key };
    for (const freed of [{ quota: null }, { expiresAt: null }, { rateLimit: null }, { allowedAddresses: [] }]) {
      expect((await app.patch(`/api-keys/${bound.id}`, freed, call)).body.code).toBe('permission.escalation');
    }
    for (const freed of [{ quota: null }, { expiresAt: null }, { allowedAddresses: [] }]) {
      expect((await app.post('/api-keys', { name: 'free', ...freed }, call)).body.code).toBe('permission.escalation');
    }
    const { body: child } = await app.post('/api-keys', { name: 'child' }, call);
    expect(child).toMatchObject({
      quota: bounds.quota,
      expiresAt: bound.expiresAt,
      allowedAddresses: bounds.allowedAddresses,
    });
  });

  it('over the bounds of the key that they present, by rotating one of theirs that has none', async () => {
    const { id, keyId } = await app.user();
    const { body: bound } = await app.post(`/admin/users/${id}/api-keys`, { name: 'bound', expiresInDays: 1 });
    const refused = await app.post(`/api-keys/${keyId}/rotate`, {}, { key: bound.key });
    expect(refused.body).toMatchObject({ status: 403, code: 'permission.escalation', weaker: ['expiresAt'] });
    expect((await app.post(`/api-keys/${bound.id}/rotate`, {}, { key: bound.key })).status).toBe(201);
  });

  it('into other organizations, by giving more to somebody who reaches all of them', async () => {
    const auditor = { name: 'auditor', permissions: ['logs:read'], organizationId: null, installationWide: true };
    await app.post('/admin/roles', auditor);
    const { body: local } = await app.post('/admin/roles', { name: 'local', permissions: ['orders:read'] });
    const { id: userId } = await app.user({ roles: ['auditor', 'local'] });
    const owner = { key: (await app.user({ roles: ['org-owner'] })).key };
    const permissions = ['users:delete'];
    for (const given of [
      await app.post('/admin/permissions', { userId, permissions }, owner),
      await app.post('/admin/permissions', { roleId: local.id, permissions }, owner),
      await app.patch(`/admin/roles/${local.id}`, { permissions }, owner),
      await app.put(`/admin/users/${userId}/roles`, { roles: ['auditor', 'local', 'helpdesk'] }, owner),
    ]) {
      expect([given.status, given.body.code]).toEqual([403, 'permission.escalation']);
    }
    expect((await app.patch(`/admin/roles/${local.id}`, { permissions: [] }, owner)).status).toBe(200);
    expect((await app.put(`/admin/users/${userId}/roles`, { roles: ['auditor'] }, owner)).status).toBe(200);
  });

  it('to a fresh quota, by rotating', async () => {
    const { id } = await app.user();
    const quota = { limit: 3, period: 'total' };
    const { body: first } = await app.post(`/admin/users/${id}/api-keys`, { name: 'metered', quota });
    const { body: second } = await app.post(`/api-keys/${first.id}/rotate`, {}, { key: first.key });
    const answers = [];
    for (let call = 0; call < 4; call++) answers.push((await app.get('/profile', { key: second.key })).status);
    expect(answers).toEqual([200, 200, 429, 429]);
  });

  it('into somebody else’s usage, by guessing at their key', async () => {
    const user = await app.user();
    const { forged } = await import('../support/key-form.js');
    for (let guess = 0; guess < 3; guess++) {
      expect((await app.get('/profile', { key: forged(user.key, { secret: '0'.repeat(43) }) })).body.code).toBe(
        'api_key.invalid',
      );
    }
    expect((await app.get(`/admin/analytics?keyId=${user.keyId}`)).body.calls).toBe(0);
  });

  it('out of being revoked, by a change', async () => {
    const user = await app.user();
    await app.delete(`/admin/api-keys/${user.keyId}`);
    const refused = await app.patch(`/admin/api-keys/${user.keyId}`, { status: 'active' });
    expect([refused.status, refused.body.code]).toEqual([409, 'api_key.not_usable']);
  });
});
