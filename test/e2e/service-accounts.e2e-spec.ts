import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';
import { comparable, customRole, organization } from '../support/tenants.js';

describe('service accounts', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const made = async (body: object = {}, key?: string): Promise<any> => {
    const answer = await app.post('/admin/service-accounts', { name: 'billing', ...body }, { key });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const keyOf = async (id: string, body: object = {}): Promise<any> => {
    const answer = await app.post(`/admin/users/${id}/api-keys`, { name: 'key', ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const code = ({ status, body }: Answer): [number, string] => [status, body.code];

  it('are created with a Location and an ETag, read, listed, found, renamed and deleted', async () => {
    const created = await app.post('/admin/service-accounts', { name: 'billing', roles: ['user'] });
    expect([created.status, created.headers.get('location')]).toEqual([
      201,
      `/api/v1/admin/service-accounts/${created.body.id}`,
    ]);
    expect(created.body).toMatchObject({
      name: 'billing',
      roles: ['user'],
      permissions: [],
      status: 'active',
      lock: null,
    });
    const path = `/admin/service-accounts/${created.body.id}`;
    const read = await app.get(path);
    expect([read.body, read.headers.get('etag')]).toEqual([created.body, created.headers.get('etag')]);
    await made({ name: 'other' });
    expect((await app.get('/admin/service-accounts?search=BILL&role=user')).body.items).toEqual([created.body]);
    const renamed = await app.patch(
      path,
      { name: 'invoices' },
      { headers: { 'if-match': read.headers.get('etag') ?? '' } },
    );
    expect(renamed.body).toMatchObject({ id: created.body.id, name: 'invoices' });
    for (const name of [null, '  ']) {
      const nameless = await app.patch(`/admin/users/${created.body.id}`, { name });
      expect([nameless.status, nameless.body.errors]).toEqual([
        400,
        [{ pointer: '/name', detail: 'must not be blank' }],
      ]);
    }
    expect(code(await app.patch(path, { name: 'x' }, { headers: { 'if-match': '"1"' } }))).toEqual([
      412,
      'request.precondition_failed',
    ]);
    expect((await app.delete(path)).status).toBe(204);
    expect(code(await app.get(path))).toEqual([404, 'request.not_found']);
  });

  it('have keys that outlive whoever made the account and issued the key', async () => {
    const creator = await app.user({ roles: ['admin'], permissions: ['*'] });
    const account = await made({ roles: ['user'] }, creator.key);
    const issued = await app.post(
      `/admin/users/${account.id}/api-keys`,
      { name: 'lasting', permissions: ['orders:*'] },
      { key: creator.key },
    );
    expect(issued.status).toBe(201);
    expect((await app.delete(`/admin/users/${creator.id}`)).status).toBe(204);
    expect(code(await app.get('/profile', { key: creator.key }))).toEqual([401, 'api_key.revoked']);
    expect((await app.get('/profile', { key: issued.body.key })).body).toMatchObject({
      id: account.id,
      kind: 'service',
      name: 'billing',
    });
  });

  it('may nothing without a role, and have their keys revoked with them', async () => {
    const account = await made();
    const { key } = await keyOf(account.id, { permissions: ['*'] });
    expect(code(await app.get('/api-keys', { key }))).toEqual([403, 'permission.missing']);
    await app.put(`/admin/users/${account.id}/roles`, { roles: ['user'] });
    expect((await app.get('/api-keys', { key })).status).toBe(200);
    expect((await app.post(`/admin/users/${account.id}/lock`, { reason: 'audit' })).status).toBe(200);
    expect(code(await app.get('/api-keys', { key }))).toEqual([403, 'account.locked']);
    expect((await app.delete(`/admin/service-accounts/${account.id}`)).status).toBe(204);
    expect(code(await app.get('/api-keys', { key }))).toEqual([401, 'api_key.revoked']);
  });

  it('do not stand among people unless asked for, nor people among them', async () => {
    const account = await made();
    /** Which of the two are listed, in their order. */
    const idsOf = async (path: string): Promise<string[]> =>
      (await app.get(path)).body.items
        .map(({ id }: any) => id)
        .filter((id: string) => id === account.id || id === app.adminId);
    expect(await idsOf('/admin/users')).toEqual([app.adminId]);
    expect(await idsOf('/admin/users?kind=service')).toEqual([account.id]);
    expect(await idsOf('/admin/users?kind=all')).toEqual([account.id, app.adminId]);
    expect(await idsOf('/admin/service-accounts')).toEqual([account.id]);
    const absent = '01900000-0000-7000-8000-000000000000';
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const of = (id: string): Promise<Answer> =>
        app.call(method, `/admin/service-accounts/${id}`, { body: method === 'PATCH' ? { name: 'x' } : undefined });
      const [person, nobody] = [await of(app.adminId), await of(absent)];
      expect(person.status).toBe(404);
      expect({ ...person.body, instance: '', requestId: '', detail: '' }).toEqual({
        ...nobody.body,
        instance: '',
        requestId: '',
        detail: '',
      });
    }
    expect(code(await app.patch(`/admin/users/${account.id}`, { email: 'person@example.com' }))).toEqual([
      409,
      'user.not_person',
    ]);
  });

  it('grant no more than their creator holds', async () => {
    await customRole(app, 'maker', ['users:*', 'api-keys:*']);
    const maker = await app.user({ roles: ['maker'] });
    expect(
      code(await app.post('/admin/service-accounts', { name: 'x', roles: ['admin'] }, { key: maker.key })),
    ).toEqual([403, 'permission.escalation']);
    const strong = await made({ roles: ['admin'] });
    expect(code(await app.delete(`/admin/service-accounts/${strong.id}`, { key: maker.key }))).toEqual([
      403,
      'permission.escalation',
    ]);
    const issued = await app.post(
      `/admin/users/${strong.id}/api-keys`,
      { name: 'x', permissions: ['*'] },
      { key: maker.key },
    );
    expect(code(issued)).toEqual([403, 'permission.escalation']);
  });

  it('do not count as the administrator that there must always be', async () => {
    const account = await made({ roles: ['admin'] });
    const { key } = await keyOf(account.id, { permissions: ['*'] });
    expect(code(await app.delete(`/admin/users/${app.adminId}`, { key }))).toEqual([409, 'administrator.required']);
    expect((await app.delete(`/admin/service-accounts/${account.id}`)).status).toBe(204);
  });

  it('of another organization do not exist, and cannot be made in one', async () => {
    const foreign = await made({ organizationId: await organization(app, 'foreign') });
    await customRole(app, 'local', ['users:*']);
    const local = await app.user({ roles: ['local'], organizationId: await organization(app, 'local') });
    const absent = '01900000-0000-7000-8000-000000000001';
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const of = (id: string): Promise<Answer> =>
        app.call(method, `/admin/service-accounts/${id}`, {
          key: local.key,
          body: method === 'PATCH' ? { name: 'x' } : undefined,
        });
      expect(comparable(await of(foreign.id), foreign.id)).toEqual(comparable(await of(absent), absent));
    }
    expect((await app.get('/admin/service-accounts', { key: local.key })).body.items).toEqual([]);
    const elsewhere = await app.post(
      '/admin/service-accounts',
      { name: 'x', organizationId: foreign.organizationId },
      { key: local.key },
    );
    expect(code(elsewhere)).toEqual([400, 'request.invalid']);
    expect((await made({}, local.key)).organizationId).not.toBe(foreign.organizationId);
  });

  it('cannot be erased like a person', async () => {
    const account = await made({ roles: ['user'] });
    const { key } = await keyOf(account.id, { permissions: ['profile:*'] });
    expect(code(await app.delete('/profile', { key }))).toEqual([409, 'user.not_person']);
    expect(code(await app.post(`/admin/users/${account.id}/erase`))).toEqual([409, 'user.not_person']);
    expect((await app.get('/profile', { key })).status).toBe(200);
  });
});
