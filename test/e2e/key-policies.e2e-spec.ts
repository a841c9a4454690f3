import { Principal } from '#libs/access';
import { AdministratorCreator } from '#libs/api-keys';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { comparable, customRole, organization } from '../support/tenants.js';

const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

describe('policies for keys', () => {
  let app: TestApp;
  let organizationId: string;
  let user: TestUser;
  let serial = 0;

  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_KEY_LIMIT: 'off', KEYWARD_ADDRESS_LIMIT: 'off' });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    organizationId = await organization(app, `org-${++serial}`);
    user = await app.user({ organizationId });
    await app.delete(`/admin/api-keys/${user.keyId}`);
    user = { ...user, key: app.adminKey };
  });

  const path = (environment = '*'): string => `/admin/organizations/${organizationId}/key-policies/${environment}`;
  const set = async (policy: object, environment = '*'): Promise<any> => {
    const answer = await app.put(path(environment), policy);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const issue = (body: object = {}): Promise<Answer> =>
    app.post(`/admin/users/${user.id}/api-keys`, { name: 'k', permissions: ['orders:read'], ...body });
  const issued = async (body: object = {}): Promise<any> => {
    const answer = await issue(body);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const expectRefused = ({ status, body }: Answer, rule: string, allowed: unknown, environment = '*'): void => {
    expect({ status, code: body.code, rule: body.rule, allowed: body.allowed, environment: body.environment }).toEqual({
      status: 403,
      code: 'policy.violated',
      rule,
      allowed,
      environment,
    });
  };
  const lifetime = ({ createdAt, expiresAt }: any): number => (Date.parse(expiresAt) - Date.parse(createdAt)) / DAY_MS;

  describe('are kept', () => {
    it('set whole, read, listed, replaced, removed and recorded', async () => {
      const policy = await set({ maximumLifetimeDays: 30, forbiddenPermissions: ['users:*'] }, 'live');
      expect(policy).toMatchObject({
        organizationId,
        environment: 'live',
        defaultLifetimeDays: null,
        maximumLifetimeDays: 30,
        allowListRequired: false,
        forbiddenPermissions: ['users:*'],
        maximumKeysPerOwner: null,
        maximumKeys: null,
      });
      const read = await app.get(path('live'));
      expect([read.body, read.headers.get('etag')]).toEqual([policy, '"1"']);
      await set({ maximumKeys: 3 });
      const list = await app.get(`/admin/organizations/${organizationId}/key-policies`);
      expect(list.body.items.map(({ environment }: any) => environment)).toEqual(['*', 'live']);
      expect(await set({ allowListRequired: true }, 'live')).toMatchObject({
        maximumLifetimeDays: null,
        allowListRequired: true,
      });
      const stale = await app.put(path('live'), {}, { headers: { 'if-match': '"1"' } });
      expect([stale.status, stale.body.code]).toEqual([412, 'request.precondition_failed']);
      expect((await app.delete(path('live'))).status).toBe(204);
      expect((await app.get(path('live'))).status).toBe(404);
      expect((await app.delete(path('live'))).status).toBe(404);
      const { items } = (await app.get(`/admin/logs?target=${organizationId}/live`)).body;
      expect(items.map(({ action }: any) => action)).toEqual([
        'key_policy.removed',
        'key_policy.set',
        'key_policy.set',
      ]);
    });

    it.each([
      ['live', { defaultLifetimeDays: 31, maximumLifetimeDays: 30 }, 'request.invalid'],
      ['nowhere', {}, 'request.invalid'],
      ['*', { maximumKeys: -1 }, 'request.invalid'],
      ['*', { maximumLifetimeDays: 0.5 }, 'request.invalid'],
      ['*', { forbiddenPermissions: ['no:such'] }, 'permission.unknown'],
      ['*', { maximum: 1 }, 'request.invalid'],
    ])('but not for %s as %j', async (environment, body, code) => {
      const answer = await app.put(path(environment), body);
      expect([answer.status, answer.body.code]).toEqual([400, code]);
    });

    it('from whoever is of another organization or lacks the permission', async () => {
      await set({ maximumKeys: 9 });
      await customRole(app, `keeper-${serial}`, ['key-policies:*', 'api-keys:*']);
      const stranger = await app.user({
        roles: [`keeper-${serial}`],
        organizationId: await organization(app, `else-${serial}`),
      });
      const absent = '01900000-0000-7000-8000-000000000000';
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const of = (id: string): Promise<Answer> =>
          app.call(method, `/admin/organizations/${id}/key-policies/*`, {
            key: stranger.key,
            body: method === 'PUT' ? {} : undefined,
          });
        const [foreign, nobody] = [await of(organizationId), await of(absent)];
        expect(foreign.status).toBe(404);
        expect(comparable(foreign, organizationId)).toEqual(comparable(nobody, absent));
      }
      const own = await app.user({ roles: [`keeper-${serial}`], organizationId });
      expect((await app.put(path(), { maximumKeys: 10 }, { key: own.key })).status).toBe(200);
    });
  });

  describe('of a lifetime', () => {
    it('give a key the default when its request says nothing, and the maximum when there is no default', async () => {
      await set({ defaultLifetimeDays: 10 });
      expect(lifetime(await issued())).toBe(10);
      expect((await issued({ expiresAt: null })).expiresAt).toBeNull();
      await set({ maximumLifetimeDays: 20 });
      expect(lifetime(await issued())).toBe(20);
      await set({ defaultLifetimeDays: 5 }, 'live');
      expect(lifetime(await issued({ environment: 'live' }))).toBe(5);
      expect(lifetime(await issued({ environment: 'dev' }))).toBe(20);
      await set({ defaultLifetimeDays: 90 }, 'dev');
      expect(lifetime(await issued({ environment: 'dev' }))).toBe(20);
    });

    it('refuse one that is longer, or without end', async () => {
      await set({ maximumLifetimeDays: 30 }, 'live');
      for (const body of [{ expiresInDays: 31 }, { expiresAt: inDays(30.1) }, { expiresAt: null }])
        expectRefused(await issue(body), 'maximumLifetimeDays', 30, 'live');
      await issued({ expiresInDays: 30 });
      await issued({ environment: 'dev', expiresAt: null });
    });

    it('are not escaped by changing the key, in however many steps', async () => {
      await set({ maximumLifetimeDays: 30 });
      const { id } = await issued({ expiresInDays: 1 });
      expectRefused(await app.patch(`/admin/api-keys/${id}`, { expiresAt: null }), 'maximumLifetimeDays', 30);
      await app.sql(`update api_keys set created_at = created_at - interval '20 days' where id = $1`, [id]);
      expectRefused(await app.patch(`/admin/api-keys/${id}`, { expiresAt: inDays(11) }), 'maximumLifetimeDays', 30);
      expect((await app.patch(`/admin/api-keys/${id}`, { expiresAt: inDays(9) })).status).toBe(200);
    });

    it('are not escaped by rotating a key from before the policy, nor by enabling one', async () => {
      const [lasting, disabled] = [await issued(), await issued()];
      await app.patch(`/admin/api-keys/${disabled.id}`, { status: 'disabled' });
      await set({ maximumLifetimeDays: 30 });
      expectRefused(await app.post(`/admin/api-keys/${lasting.id}/rotate`), 'maximumLifetimeDays', 30);
      expectRefused(await app.patch(`/admin/api-keys/${disabled.id}`, { status: 'active' }), 'maximumLifetimeDays', 30);
      expect((await app.patch(`/admin/api-keys/${lasting.id}`, { name: 'still there' })).status).toBe(200);
      const bounded = await app.patch(`/admin/api-keys/${disabled.id}`, { status: 'active', expiresAt: inDays(29) });
      expect([bounded.status, bounded.body.status]).toEqual([200, 'active']);
    });
  });

  describe('of an allow list', () => {
    it('refuse a key without one, and one that allows everything', async () => {
      const allowed = 'allowedAddresses that leave addresses of both families out';
      await set({ allowListRequired: true });
      for (const body of [
        {},
        { allowedAddresses: [] },
        { allowedAddresses: ['192.0.2.1', '0.0.0.0/0'] },
        { allowedAddresses: ['::/0'] },
        { allowedAddresses: ['::ffff:0:0/96'] },
        { allowedAddresses: ['0.0.0.0/1', '128.0.0.0/1'] },
      ])
        expectRefused(await issue(body), 'allowListRequired', allowed);
      const { id } = await issued({ allowedAddresses: ['192.0.2.0/24'] });
      for (const body of [{ allowedAddresses: null }, { allowedAddresses: [] }, { allowedAddresses: ['::/00'] }])
        expect((await app.patch(`/admin/api-keys/${id}`, body)).status).toBeGreaterThanOrEqual(400);
      expectRefused(await app.patch(`/admin/api-keys/${id}`, { allowedAddresses: null }), 'allowListRequired', allowed);
      expect((await app.post(`/admin/api-keys/${id}/rotate`)).body.allowedAddresses).toEqual(['192.0.2.0/24']);
    });
  });

  describe('of forbidden permissions', () => {
    it('refuse them by name and by every wildcard, and tell which of those asked for would pass', async () => {
      await set({ forbiddenPermissions: ['users:delete', 'logs:*'] });
      expectRefused(await issue({ permissions: ['users:delete', 'orders:read'] }), 'forbiddenPermissions', [
        'orders:read',
      ]);
      expectRefused(await issue({ permissions: ['users:*'] }), 'forbiddenPermissions', []);
      expectRefused(await issue({ permissions: ['logs:read'] }), 'forbiddenPermissions', []);
      expectRefused(await issue({ permissions: ['*'] }), 'forbiddenPermissions', []);
      await issued({ permissions: ['users:read', 'orders:*'] });
    });

    it('are not escaped by changing the key, nor by granting it more', async () => {
      await set({ forbiddenPermissions: ['users:*'] });
      const { id } = await issued();
      expectRefused(
        await app.patch(`/admin/api-keys/${id}`, { permissions: ['users:read'] }),
        'forbiddenPermissions',
        [],
      );
      expectRefused(
        await app.post('/admin/permissions', { keyId: id, permissions: ['users:read'] }),
        'forbiddenPermissions',
        ['orders:read'],
      );
      expect((await app.get(`/admin/api-keys/${id}`)).body.permissions).toEqual(['orders:read']);
    });
  });

  describe('of a number of keys', () => {
    /** A server with more at once than it has connections for asks to try again. */
    const issuedOrRefused = async (): Promise<Answer> => {
      for (;;) {
        const answer = await issue();
        if (answer.status !== 503) return answer;
      }
    };
    const working = async (): Promise<number> =>
      (await app.get(`/admin/api-keys?ownerId=${user.id}&status=active&limit=100`)).body.items.length;

    it('let 50 simultaneous requests have as many as are allowed, and refuse the rest', async () => {
      await set({ maximumKeys: 7 });
      const answers = await Promise.all(Array.from({ length: 50 }, () => issuedOrRefused()));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(7);
      for (const answer of answers.filter(({ status }) => status !== 201)) expectRefused(answer, 'maximumKeys', 7);
      expect(await working()).toBe(7);
    });

    it('count per owner, per organization and per environment', async () => {
      await set({ maximumKeysPerOwner: 1 }, 'live');
      await issued();
      expectRefused(await issue(), 'maximumKeysPerOwner', 1, 'live');
      await issued({ environment: 'dev' });
      const other = await app.post('/admin/users', { email: `other${serial}@example.com`, organizationId });
      expect((await app.post(`/admin/users/${other.body.id}/api-keys`, { name: 'k', permissions: [] })).status).toBe(
        201,
      );
      await set({ maximumKeys: 3 });
      expectRefused(await issue({ environment: 'dev' }), 'maximumKeys', 3);
    });

    it('are not escaped by disabling, expiring and enabling, and free a place with every key that goes', async () => {
      await set({ maximumKeys: 1 });
      const first = await issued();
      await app.patch(`/admin/api-keys/${first.id}`, { status: 'disabled' });
      const second = await issued();
      expectRefused(await app.patch(`/admin/api-keys/${first.id}`, { status: 'active' }), 'maximumKeys', 1);
      await app.delete(`/admin/api-keys/${second.id}`);
      expect((await app.patch(`/admin/api-keys/${first.id}`, { status: 'active' })).status).toBe(200);
      await app.sql(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [first.id]);
      await issued();
      expectRefused(await app.patch(`/admin/api-keys/${first.id}`, { expiresAt: inDays(1) }), 'maximumKeys', 1);
    });

    it('leave room for a rotation with its grace, but not for a chain of them', async () => {
      await set({ maximumKeys: 1 });
      const first = await issued();
      const second = await app.post(`/admin/api-keys/${first.id}/rotate`, { graceSeconds: 3600 });
      expect(second.status).toBe(201);
      expectRefused(
        await app.post(`/admin/api-keys/${second.body.id}/rotate`, { graceSeconds: 3600 }),
        'maximumKeys',
        1,
      );
      await app.delete(`/admin/api-keys/${first.id}`);
      expect((await app.post(`/admin/api-keys/${second.body.id}/rotate`, { graceSeconds: 0 })).status).toBe(201);
    });

    it('do not keep the operator from making an administrator at the command line', async () => {
      organizationId = '00000000-0000-7000-8000-000000000000';
      await set({ maximumKeys: 0, maximumLifetimeDays: 1, forbiddenPermissions: ['*'], allowListRequired: true });
      const made = await app.app.get(AdministratorCreator).create(Principal.system('test'), 'operator@example.com');
      expect((await app.get('/admin/users', { key: made.key })).status).toBe(200);
      expect((await app.delete(path())).status).toBe(204);
    });

    it('hold from the moment at which the policy was answered', async () => {
      const issuing = Array.from({ length: 20 }, () => issue());
      await set({ maximumKeys: 0 });
      const before = await working();
      await Promise.all(issuing);
      expect(await working()).toBe(before);
      expectRefused(await issue(), 'maximumKeys', 0);
    });
  });
});
