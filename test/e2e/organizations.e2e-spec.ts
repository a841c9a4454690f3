import { startTestApp, type TestApp } from '../support/test-app.js';

describe('organizations', () => {
  let app: TestApp;
  const acme = async (slug: string): Promise<string> =>
    (await app.post('/admin/organizations', { name: 'Acme', slug })).body.id;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('are created with a Location, read, listed, searched and renamed', async () => {
    const created = await app.post('/admin/organizations', { name: 'Globex', slug: 'globex' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/admin/organizations/${created.body.id}`);
    expect((await app.get(`/admin/organizations/${created.body.id}`)).body).toEqual(created.body);
    expect((await app.get('/admin/organizations?search=GLOB')).body.items).toEqual([created.body]);
    const renamed = await app.patch(`/admin/organizations/${created.body.id}`, { name: 'Globex Ltd' });
    expect(renamed.body).toMatchObject({ name: 'Globex Ltd', slug: 'globex', status: 'active' });
  });

  it('are given a slug made of their name where none is asked for, of two with one name each its own', async () => {
    const named = async (name: string): Promise<string> => (await app.post('/admin/organizations', { name })).body.slug;
    expect(await named('Müller & Söhne, GmbH')).toBe('muller-sohne-gmbh');
    expect(await named('Müller & Söhne, GmbH')).toMatch(/^muller-sohne-gmbh-[0-9a-f]{12}$/);
    expect(await named('株式会社')).toBe('organization');
    const atOnce = await Promise.all(Array.from({ length: 6 }, () => named('At once')));
    expect(new Set(atOnce).size).toBe(6);
    expect(await named('x'.repeat(200))).toBe('x'.repeat(50));
    expect((await app.post('/admin/organizations', { name: 'A', slug: null })).status).toBe(400);
  });

  it('refuse a slug that another has', async () => {
    await acme('taken');
    const second = await app.post('/admin/organizations', { name: 'Other', slug: 'taken' });
    expect([second.status, second.body.code]).toEqual([409, 'organization.slug_taken']);
  });

  it('refuse all keys of their users with organization.suspended while they are suspended', async () => {
    const id = await acme('suspended');
    const user = await app.user({ organizationId: id });
    expect((await app.get('/profile', { key: user.key })).status).toBe(200);
    await app.patch(`/admin/organizations/${id}`, { status: 'suspended' });
    const refused = await app.get('/profile', { key: user.key });
    expect([refused.status, refused.body.code]).toEqual([403, 'organization.suspended']);
    await app.patch(`/admin/organizations/${id}`, { status: 'active' });
    expect((await app.get('/profile', { key: user.key })).status).toBe(200);
  });

  it('cannot be suspended when no administrator who can act would be left', async () => {
    const refused = await app.patch('/admin/organizations/00000000-0000-7000-8000-000000000000', {
      status: 'suspended',
    });
    expect([refused.status, refused.body.code]).toEqual([409, 'administrator.required']);
    expect((await app.get('/profile')).status).toBe(200);
  });

  it('are deleted only when they are empty, and are then gone', async () => {
    const id = await acme('to-delete');
    const user = await app.user({ organizationId: id });
    const refused = await app.delete(`/admin/organizations/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'organization.not_empty']);
    await app.delete(`/admin/users/${user.id}`);
    expect((await app.delete(`/admin/organizations/${id}`)).status).toBe(204);
    expect((await app.get(`/admin/organizations/${id}`)).status).toBe(404);
    expect((await acme('to-delete')).length).toBe(36);
    const late = await app.post('/admin/users', { email: 'late@example.com', organizationId: id });
    expect([late.status, late.body.code]).toEqual([400, 'request.invalid']);
  });

  it('record every change of theirs in the audit log', async () => {
    const id = await acme('audited');
    await app.patch(`/admin/organizations/${id}`, { status: 'suspended' });
    await app.delete(`/admin/organizations/${id}`);
    const { items } = (await app.get(`/admin/logs?target=${id}`)).body;
    expect(items.map(({ action }: { action: string }) => action)).toEqual([
      'organization.deleted',
      'organization.changed',
      'organization.created',
    ]);
  });
});
