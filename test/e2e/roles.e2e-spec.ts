import { startTestApp, type TestApp } from '../support/test-app.js';

describe('roles', () => {
  let app: TestApp;
  const role = async (name: string, permissions: string[], more: object = {}): Promise<string> => {
    const created = await app.post('/admin/roles', { name, permissions, organizationId: null, ...more });
    expect(created.status).toBe(201);
    return created.body.id;
  };

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('grant what they list to whoever has them, and what they come to list at once', async () => {
    const id = await role('reader', ['users:read']);
    const user = await app.user({ roles: ['reader'] });
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(200);
    await app.patch(`/admin/roles/${id}`, { permissions: ['logs:read'] });
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(403);
    expect((await app.get('/admin/logs', { key: user.key })).status).toBe(200);
  });

  it('may grant wildcards', async () => {
    await role('user-desk', ['users:*']);
    const user = await app.user({ roles: ['user-desk'] });
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(200);
    expect((await app.get('/admin/logs', { key: user.key })).body.missing).toEqual(['logs:read']);
  });

  it('are not deleted silently while somebody has them', async () => {
    const id = await role('held', ['users:read']);
    const user = await app.user({ roles: ['held'] });
    const refused = await app.delete(`/admin/roles/${id}`);
    expect(refused.body).toMatchObject({ status: 409, code: 'role.in_use', holders: 1 });
    expect((await app.delete(`/admin/roles/${id}?withdraw=true`)).status).toBe(204);
    expect((await app.get('/admin/users', { key: user.key })).status).toBe(403);
    expect((await app.get(`/admin/users/${user.id}`)).body.roles).toEqual([]);
  });

  it('are not held by users who were deleted', async () => {
    const id = await role('left-behind', ['users:read']);
    const user = await app.user({ roles: ['left-behind'] });
    await app.delete(`/admin/users/${user.id}`);
    expect((await app.delete(`/admin/roles/${id}`)).status).toBe(204);
  });

  it('stay as they are when they are built in', async () => {
    const { items } = (await app.get('/admin/roles?search=admin')).body;
    const admin = items.find(({ name }: { name: string }) => name === 'admin');
    expect(admin).toMatchObject({ builtIn: true, permissions: ['*'] });
    expect((await app.patch(`/admin/roles/${admin.id}`, { permissions: [] })).body.code).toBe('role.built_in');
    expect((await app.delete(`/admin/roles/${admin.id}?withdraw=true`)).body.code).toBe('role.built_in');
  });

  it('have names that are unique, those of the installation in every organization', async () => {
    const refused = await app.post('/admin/roles', { name: 'admin', permissions: [] });
    expect([refused.status, refused.body.code]).toEqual([409, 'role.name_taken']);
  });

  it('belong to an organization that there is', async () => {
    const organizationId = '019ab7c8-5e1a-7c3e-9d58-3f6f0c2a1b4d';
    const refused = await app.post('/admin/roles', { name: 'nowhere', permissions: [], organizationId });
    expect([refused.status, refused.body.code]).toEqual([400, 'request.invalid']);
    expect(refused.body.errors).toEqual([
      { pointer: '/organizationId', detail: 'must be the id of an organization that you manage' },
    ]);
    const gone = (await app.post('/admin/organizations', { name: 'Gone' })).body.id;
    expect((await app.delete(`/admin/organizations/${gone}`)).status).toBe(204);
    const late = await app.post('/admin/roles', { name: 'late', permissions: [], organizationId: gone });
    expect([late.status, late.body.errors]).toEqual([400, refused.body.errors]);
  });

  it('are made and changed only by who holds what they grant', async () => {
    await role('role-smith', ['roles:manage', 'permissions:read', 'users:read']);
    const smith = await app.user({ roles: ['role-smith'] });
    const call = { key: smith.key };
    const escalation = await app.post('/admin/roles', { name: 'too-much', permissions: ['users:delete'] }, call);
    expect(escalation.body).toMatchObject({ status: 403, code: 'permission.escalation', missing: ['users:delete'] });
    const wide = { name: 'wide', permissions: ['users:read'], installationWide: true };
    expect((await app.post('/admin/roles', wide, call)).body.code).toBe('permission.escalation');
    const foreign = await role('powerful', ['users:delete']);
    expect((await app.patch(`/admin/roles/${foreign}`, { permissions: [] }, call)).body.code).toBe(
      'permission.escalation',
    );
    expect((await app.post('/admin/roles', { name: 'own', permissions: ['users:read'] }, call)).status).toBe(201);
  });

  it('refuse what no feature declares', async () => {
    const refused = await app.post('/admin/roles', { name: 'typo', permissions: ['users:raed'] });
    expect([refused.status, refused.body.code]).toEqual([400, 'permission.unknown']);
  });

  it('of another organization are as if they were not there', async () => {
    const { id: organizationId } = (await app.post('/admin/organizations', { name: 'Other', slug: 'other' })).body;
    await role('own-admin', ['roles:manage', 'permissions:read', 'users:*', 'permissions:assign']);
    const admin = await app.user({ roles: ['own-admin'], organizationId });
    const foreign = (await app.post('/admin/roles', { name: 'secretly', permissions: [] })).body;
    expect((await app.get(`/admin/roles/${foreign.id}`, { key: admin.key })).status).toBe(404);
    const { items } = (await app.get('/admin/roles?limit=100', { key: admin.key })).body;
    expect(items.map(({ name }: { name: string }) => name)).not.toContain('secretly');
    const user = await app.user({ organizationId });
    const put = await app.put(`/admin/users/${user.id}/roles`, { roles: ['secretly'] }, { key: admin.key });
    expect(put.body.code).toBe('role.unknown');
  });

  it('lose their description to null', async () => {
    const described = await app.post('/admin/roles', { name: 'described', description: 'something', permissions: [] });
    const cleared = await app.patch(`/admin/roles/${described.body.id}`, { description: null });
    expect([cleared.status, cleared.body.description]).toEqual([200, '']);
  });

  it('are not deleted while more have them than could be recorded at once, and the refusal says so', async () => {
    const { id } = (await app.post('/admin/roles', { name: 'everybody', permissions: [] })).body;
    await app.sql(
      `with made as (
         insert into users (id, organization_id, email)
         select gen_random_uuid(), organization_id, 'many' || n || '@example.com'
         from generate_series(1, 2001) n, (select organization_id from users where id = $2) u returning id
       ) insert into role_assignments (user_id, role_id) select id, $1 from made`,
      [id, app.adminId],
    );
    const refused = await app.delete(`/admin/roles/${id}?withdraw=true`);
    expect([refused.status, refused.body.code, refused.body.holders]).toEqual([409, 'role.in_use', 2001]);
    expect(refused.body.detail).toContain('from 2000 at the most');
    await app.sql(
      `delete from role_assignments where user_id = (select id from users where email = 'many1@example.com')`,
    );
    expect((await app.delete(`/admin/roles/${id}?withdraw=true`)).status).toBe(204);
  });
});
