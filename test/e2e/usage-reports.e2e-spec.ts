import { randomUUID } from 'node:crypto';
import { customRole, organization } from '../support/tenants.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { callsOfYears, pastCalls } from '../support/usage-rows.js';

const DEFAULT_ORGANIZATION = '00000000-0000-7000-8000-000000000000';
const DAY_MS = 86_400_000;

describe('reports of usage', () => {
  let app: TestApp;
  let ada: TestUser;
  let bob: TestUser;
  let elsewhere: string;
  let analyst: TestUser;

  const report = async (path: string, key = app.adminKey): Promise<Answer['body']> => {
    const answer = await app.get(`/admin/analytics/reports/${path}`, { key });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  };
  const ids = ({ items }: Answer['body']): string[] => items.map(({ id }: { id: string }) => id);
  const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

  beforeAll(async () => {
    app = await startTestApp(callsOfYears);
    elsewhere = await organization(app, 'elsewhere');
    await customRole(app, 'analyst', ['analytics:read']);
    ada = await app.user();
    bob = await app.user({ organizationId: elsewhere });
    analyst = await app.user({ roles: ['analyst'], organizationId: elsewhere });
  });
  afterAll(() => app.close());

  describe('of unused keys', () => {
    it('name those that were not used for so long, or never since they were made so long ago', async () => {
      const [old, idle, fresh, revoked] = await Promise.all(Array.from({ length: 4 }, () => app.user()));
      await app.sql(`update api_keys set created_at = now() - interval '100 days' where id = any ($1)`, [
        [old!.keyId, idle!.keyId, revoked!.keyId],
      ]);
      await app.sql(`update api_keys set last_used_at = now() - interval '40 days' where id = $1`, [idle!.keyId]);
      await app.delete(`/admin/api-keys/${revoked!.keyId}`);
      const since = async (days: number): Promise<string[]> => ids(await report(`unused-keys?days=${days}`));
      expect(await since(90)).toEqual([old!.keyId]);
      expect(new Set(await since(30))).toEqual(new Set([old!.keyId, idle!.keyId]));
      expect(await since(1)).not.toContain(fresh!.keyId);
      expect((await report('unused-keys')).items[0]).toMatchObject({
        name: 'test',
        start: expect.stringMatching(/^kw_live_/),
        ownerId: old!.id,
        lastUsedAt: null,
      });
    });
  });

  describe('of keys about to expire', () => {
    it('name the next to expire first, page by page', async () => {
      const { id } = await app.user();
      const issued: string[] = [];
      for (const days of [30, 10, 20, 400]) {
        const key = await app.post(`/admin/users/${id}/api-keys`, { name: `${days}`, expiresInDays: days });
        issued.push(key.body.id);
      }
      const first = await report('expiring-keys?days=60&limit=2');
      expect(ids(first)).toEqual([issued[1], issued[2]]);
      const second = await report(`expiring-keys?days=60&limit=2&after=${first.next}`);
      expect([ids(second), second.next]).toEqual([[issued[0]], null]);
      expect(ids(await report('expiring-keys?days=15'))).toEqual([issued[1]]);
      const refused = await app.get(`/admin/analytics/reports/unused-keys?after=${first.next}`);
      expect([refused.status, refused.body.code]).toEqual([400, 'request.invalid_cursor']);
    });
  });

  describe('of unused permissions', () => {
    it('propose the smaller grant with which every call would have succeeded', async () => {
      const user = await app.user({ permissions: ['orders:*', 'api-keys:read'] });
      const route = '/api/v1/orders/:id';
      await pastCalls(app, [
        { at: ago(5), by: user, route: '/api/v1/orders', method: 'POST', status: 201 },
        { at: ago(5), by: user, route, method: 'HEAD' },
        { at: ago(5), by: user, route, method: 'DELETE', status: 403 }, // no success
        { at: ago(40), by: user, route, method: 'PATCH' }, // too long ago
        { at: ago(5), by: user, route: '/api/v1/gone', method: 'GET' },
        { at: ago(5), by: user, route: '/api/v1/profile', method: 'GET' }, // needs nothing
      ]);
      const { items } = await report('unused-permissions?days=30&limit=100');
      expect(items.find(({ id }: { id: string }) => id === user.keyId)).toMatchObject({
        granted: ['orders:*', 'api-keys:read'],
        used: ['orders:create', 'orders:read'],
        proposed: ['orders:create', 'orders:read'],
        unused: ['api-keys:read', 'orders:cancel', 'orders:delete', 'orders:update'],
        calls: 4,
        refused: [],
        unknown: [{ method: 'GET', route: '/api/v1/gone', calls: 1 }],
      });
    });

    it('show the calls that it would have refused, because a permission was taken away since', async () => {
      const user = await app.user({ permissions: ['orders:read', 'api-keys:read'] });
      await pastCalls(app, [{ at: ago(2), by: user, route: '/api/v1/orders', method: 'POST', status: 201 }]);
      const { items } = await report('unused-permissions?days=30&limit=100');
      expect(items.find(({ id }: { id: string }) => id === user.keyId)).toMatchObject({
        proposed: [],
        refused: [{ method: 'POST', route: '/api/v1/orders', calls: 1 }],
      });
    });

    it('propose a grant with which the calls do succeed', async () => {
      const user = await app.user({ permissions: ['orders:*', 'api-keys:read'] });
      const placed = await app.post(
        '/orders',
        { currency: 'EUR', items: [{ sku: 'A', quantity: 1, unitPriceCents: 1 }] },
        { key: user.key },
      );
      await app.get(`/orders/${placed.body.id}`, { key: user.key });
      const { items } = await report('unused-permissions?days=1&limit=100');
      const { proposed } = items.find(({ id }: { id: string }) => id === user.keyId);
      await app.patch(`/admin/api-keys/${user.keyId}`, { permissions: proposed });
      expect((await app.get(`/orders/${placed.body.id}`, { key: user.key })).status).toBe(200);
      expect((await app.delete(`/orders/${placed.body.id}`, { key: user.key })).status).toBe(403);
    });

    it('leave keys out that used all of theirs', async () => {
      const user = await app.user({ permissions: ['orders:read'] });
      await pastCalls(app, [{ at: ago(1), by: user, route: '/api/v1/orders' }]);
      expect(ids(await report('unused-permissions?days=30&limit=100'))).not.toContain(user.keyId);
    });
  });

  describe('of consumption', () => {
    const JANUARY = 'consumption?from=2026-01-01&to=2026-02-01';

    it('add up by organization, and within it by tier', async () => {
      const eve = await app.user();
      await app.sql(`update users set subscription_tier = 'pro' where id = $1`, [eve.id]);
      await pastCalls(app, [
        { at: '2026-01-05T10:00:00Z', by: ada },
        { at: '2026-01-05T10:00:00Z', by: eve, status: 500 },
        { at: '2026-01-05T10:00:00Z', by: eve },
        { at: '2026-01-05T10:00:00Z', by: bob, organizationId: elsewhere },
        { at: '2026-01-05T10:00:00Z', status: 401 },
        { at: '2026-02-01T00:00:00Z', by: ada },
      ]);
      expect((await report(JANUARY)).items).toEqual([
        {
          organizationId: DEFAULT_ORGANIZATION,
          name: 'default',
          calls: 4,
          errors: 2,
          bytes: 0,
          tiers: [
            { tier: 'pro', calls: 2, errors: 1, bytes: 0 },
            { tier: 'free', calls: 1, errors: 0, bytes: 0 },
            { tier: null, calls: 1, errors: 1, bytes: 0 },
          ],
        },
        {
          organizationId: elsewhere,
          name: 'elsewhere',
          calls: 1,
          errors: 0,
          bytes: 0,
          tiers: [{ tier: 'free', calls: 1, errors: 0, bytes: 0 }],
        },
      ]);
    });

    it('are those of one’s own organization alone', async () => {
      const items = (query: string): Promise<Answer['body']> => report(`${JANUARY}${query}`, analyst.key);
      expect((await items('')).items).toMatchObject([{ organizationId: elsewhere, calls: 1 }]);
      for (const foreign of [DEFAULT_ORGANIZATION, randomUUID()])
        expect((await items(`&organizationId=${foreign}`)).items).toEqual([]);
    });
  });

  it.each(['unused-keys?days=1', 'expiring-keys?days=3650', 'unused-permissions'])(
    '%s name keys of one’s own organization alone, and what they are called to whoever may see it elsewhere',
    async (path) => {
      await app.sql(
        `update api_keys set created_at = now() - interval '9 days', last_used_at = null, expires_at = now() + interval '9 days'
         where id = any ($1)`,
        [[ada.keyId, bob.keyId]],
      );
      const separator = path.includes('?') ? '&' : '?';
      const { items } = await report(`${path}${separator}limit=100`, analyst.key);
      expect(items.find(({ id }: { id: string }) => id === bob.keyId)).toMatchObject({ name: null, start: null });
      expect(items.every((item: { organizationId: string }) => item.organizationId === elsewhere)).toBe(true);
      const foreign = await report(`${path}${separator}organizationId=${DEFAULT_ORGANIZATION}`, analyst.key);
      expect(foreign).toEqual({ items: [], next: null });
    },
  );

  it.each(['unused-keys?days=0', 'expiring-keys?days=x', 'unused-permissions?zone=UTC', 'consumption?days=1'])(
    'refuse %s with 400',
    async (path) => expect((await app.get(`/admin/analytics/reports/${path}`)).status).toBe(400),
  );
});
