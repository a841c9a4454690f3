import { UsageErasure } from '../../libs/analytics/src/usage-erasure.js';
import { eventually } from '../support/eventually.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { customRole, organization } from '../support/tenants.js';

const code = ({ status, body }: Answer): [number, string] => [status, body.code];
const words = [
  'Hildegard',
  'hildegard.of.bingen',
  'Rupertsberg',
  '198.51.100.77',
  'viriditas',
  'sent too many letters',
  'Physica/1.0',
];

describe('personal data', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp();
  });
  afterEach(() => app.close());

  /** Somebody of whom there is something of everything. */
  const somebody = async (): Promise<TestUser> => {
    const user = await app.user({ permissions: ['*'] });
    await app.patch(`/admin/users/${user.id}`, { email: 'hildegard.of.bingen@example.com' });
    const headers = { 'user-agent': 'Physica/1.0' };
    await app.patch('/profile', { name: 'Hildegard' }, { key: user.key, headers });
    const body = {
      name: 'Hildegard at Rupertsberg',
      description: 'Rupertsberg',
      tags: ['viriditas'],
      metadata: { home: 'Rupertsberg' },
      allowedAddresses: ['198.51.100.77'],
    };
    const { id } = (await app.post('/api-keys', body, { key: user.key, headers })).body;
    await app.patch(`/api-keys/${id}`, { description: 'viriditas' }, { key: user.key, headers });
    await app.delete(`/api-keys/${id}?reason=viriditas`, { key: user.key, headers });
    await app.post(`/admin/users/${user.id}/lock`, { reason: 'sent too many letters' });
    await app.post(`/admin/users/${user.id}/unlock`);
    return user;
  };

  /** Every row of every table, as one text. */
  const dump = async (): Promise<string> => {
    const tables = await app.sql<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const rows = await Promise.all(
      tables.map(({ name }) =>
        app.sql(
          `select t::text as row, ${name === 'audit_events' ? 't.before::text, t.after::text' : 'null'} from ${name} t`,
        ),
      ),
    );
    return JSON.stringify(rows);
  };
  const found = async (): Promise<string[]> => {
    const text = await dump();
    return words.filter((word) => text.includes(word));
  };
  /** As the job does it, once nothing that was under way at the erasure can arrive any more. */
  const settle = async (): Promise<void> => {
    await app.sql(`update usage_erasures set requested_at = requested_at - interval '2 minutes'`);
    const erasure = app.app.get(UsageErasure, { strict: false });
    await erasure.work(); // one may be under way already, which began before
    await erasure.work();
  };

  describe('is exported', () => {
    it('whole: the user, roles, keys without secrets, audit events and calls', async () => {
      const user = await somebody();
      const { status, body, text } = await app.get('/profile/export', { key: user.key });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        exportedAt: expect.any(String),
        user: { id: user.id, email: 'hildegard.of.bingen@example.com', name: 'Hildegard', roles: ['user'] },
      });
      const { apiKeys, auditEvents, usage } = body.sections;
      expect(apiKeys.items.map(({ name, status: state }: any) => [name, state])).toEqual([
        ['Hildegard at Rupertsberg', 'revoked'],
        ['test', 'active'],
      ]);
      expect(auditEvents.items.map(({ action }: any) => action)).toEqual([
        'user.unlocked',
        'user.locked',
        'api_key.revoked',
        'api_key.changed',
        'api_key.issued',
        'user.changed',
        'user.changed',
        'user.roles_changed',
        'user.created',
      ]);
      expect(auditEvents.items.find(({ action }: any) => action === 'user.locked').after).toMatchObject({
        lockReason: 'sent too many letters',
      });
      expect(usage.items[0]).toMatchObject({
        method: 'DELETE',
        route: '/api/v1/api-keys/:id',
        statusCode: 204,
        keyId: user.keyId,
        address: '127.0.0.1',
        userAgent: 'Physica/1.0',
      });
      expect(usage.items).toHaveLength(4);
      expect([apiKeys.next, auditEvents.next, usage.next]).toEqual([null, null, null]);
      expect(text).not.toContain(user.key.split('_').at(-1));
      const [{ hash }] = (await app.sql(`select encode(secret_hash, 'hex') as hash from api_keys where id = $1`, [
        user.keyId,
      ])) as [{ hash: string }];
      expect(text).not.toContain(hash);
    });

    it('without telling anything of others: neither where an administrator called from nor whom one changed', async () => {
      const administrator = await app.user({ roles: ['admin'], permissions: ['*'] });
      const { id } = (
        await app.post('/admin/users', { email: 'somebody.else@example.com' }, { key: administrator.key })
      ).body;
      const { text, body } = await app.get('/profile/export?section=auditEvents', { key: administrator.key });
      expect(text).not.toContain('somebody.else@example.com');
      expect(
        body.sections.auditEvents.items.find(({ action, target }: any) => action === 'user.created' && target.id === id)
          .after.email,
      ).toBe('[withheld]');
      const aboutMe = body.sections.auditEvents.items.find(({ target }: any) => target.id === administrator.id);
      expect(aboutMe).toMatchObject({ actor: { userId: app.adminId, keyId: null }, address: null, userAgent: null });
      expect((await app.get(`/admin/logs?target=${id}&action=user.created`)).body.items[0].after.email).toBe(
        'somebody.else@example.com',
      );
    });

    it('in parts that lead to the rest, without repetition or loss', async () => {
      const user = await app.user();
      await app.sql(
        `insert into api_usage (occurred_at, duration_us, status_code, route_id, api_key_id, user_id, request_id, address)
         select now() - make_interval(secs => n / 2), 1, 200, usage_route_id('GET', null), case when n % 3 = 0 then null else $2::uuid end, $1, 'bulk-' || n, '192.0.2.1'
         from generate_series(1, 1200) n`,
        [user.id, user.keyId],
      );
      await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
      const seen: string[] = [];
      for (let query = '?section=usage'; ;) {
        const { body } = await app.get(`/admin/users/${user.id}/export${query}`);
        expect(Object.keys(body.sections)).toEqual(['usage']);
        expect(body.sections.usage.items.length).toBeLessThanOrEqual(500);
        seen.push(...body.sections.usage.items.map(({ requestId }: any) => requestId));
        if (body.sections.usage.next === null) break;
        query = `?section=usage&after=${body.sections.usage.next}`;
      }
      expect(seen).toHaveLength(1200);
      expect(new Set(seen).size).toBe(1200);
    });

    it.each(['section=secrets', 'after=x', 'section=usage&after=x', 'section[]=usage', 'all=1'])(
      'but not by ?%s, which is 400',
      async (query) => {
        expect((await app.get(`/profile/export?${query}`)).status).toBe(400);
      },
    );

    it('to nobody who lacks the permission, and of nobody in another organization', async () => {
      await customRole(app, 'exporter', ['users:*']);
      const local = await app.user({ roles: ['exporter'], organizationId: await organization(app, 'exporters') });
      for (const path of ['export', 'erase']) {
        const method = path === 'export' ? 'GET' : 'POST';
        expect(code(await app.call(method, `/admin/users/${app.adminId}/${path}`, { key: local.key }))).toEqual([
          404,
          'request.not_found',
        ]);
      }
      const narrow = await app.user({ permissions: [] });
      expect(code(await app.get('/profile/export', { key: narrow.key }))).toEqual([403, 'permission.missing']);
      expect(code(await app.delete('/profile', { key: narrow.key }))).toEqual([403, 'permission.missing']);
      expect((await app.get('/profile', { key: narrow.key })).status).toBe(200);
    });
  });

  describe('is erased', () => {
    it.each<[string, (user: TestUser) => Promise<Answer>]>([
      ['by the person', (user) => app.delete('/profile', { key: user.key, headers: { 'user-agent': 'Physica/1.0' } })],
      ['by an administrator', (user) => app.post(`/admin/users/${user.id}/erase`)],
    ])('%s: nothing of it is left in any table but the ids', async (_, erase) => {
      const user = await somebody();
      expect(await found()).toEqual(
        expect.arrayContaining(['Hildegard', 'hildegard.of.bingen', 'Rupertsberg', 'viriditas', 'Physica/1.0']),
      );
      const [calls] = await app.sql('select count(*)::int as calls from api_usage where user_id = $1', [user.id]);
      await app.sql('update api_keys set last_used_address = $2 where id = $1', [user.keyId, '198.51.100.77']);
      expect((await erase(user)).status).toBe(204);
      expect(code(await app.get('/profile', { key: user.key }))).toEqual([401, 'api_key.revoked']);
      expect(code(await app.get(`/admin/users/${user.id}`))).toEqual([404, 'request.not_found']);
      await settle();
      const inAudit = await app.sql(`select from audit_events where user_agent = 'Physica/1.0'`);
      // where somebody acted from is what an audit log is for; it stays
      expect(inAudit.length).toBeGreaterThan(0);
      expect(await found()).toEqual(['Physica/1.0']);
      expect(await app.sql(`select from api_usage where user_agent = 'Physica/1.0'`)).toEqual([]);
      const [left] = (await app.sql('select count(*)::int as calls from api_usage where user_id = $1', [user.id])) as [
        { calls: number },
      ];
      expect(left.calls).toBeGreaterThanOrEqual((calls as { calls: number }).calls);
      expect(await app.sql('select user_id from usage_erasures where completed_at is not null')).toEqual([
        { user_id: user.id },
      ]);
    });

    it('leaving an audit log that is whole, and says [erased] where it said who', async () => {
      const user = await somebody();
      const before = await app.sql('select * from audit_events order by id');
      await app.delete('/profile', { key: user.key });
      const after = await app.sql('select * from audit_events order by id');
      expect(after.slice(0, before.length)).toEqual(before);
      const { items } = (await app.get(`/admin/logs?target=${user.id}`)).body;
      expect(items[0]).toMatchObject({ action: 'user.erased', actor: { userId: user.id }, before: null, after: null });
      const created = items.find(({ action }: any) => action === 'user.created');
      expect(created.after).toEqual({ email: '[erased]', name: null, subscriptionTier: 'free' });
    });

    it('after it was only deleted, once', async () => {
      const user = await somebody();
      expect((await app.delete(`/admin/users/${user.id}`)).status).toBe(204);
      expect(await found()).toContain('hildegard.of.bingen');
      expect((await app.post(`/admin/users/${user.id}/erase`)).status).toBe(204);
      expect(await found()).not.toContain('hildegard.of.bingen');
      expect(code(await app.post(`/admin/users/${user.id}/erase`))).toEqual([404, 'request.not_found']);
    });

    it('with a legacy key, which stops working, and frees the e-mail address', async () => {
      const user = await somebody();
      await app.sql(`update users set api_key_hash = encode(sha256('a legacy key of old'), 'hex') where id = $1`, [
        user.id,
      ]);
      await eventually(async () =>
        expect((await app.get('/profile', { key: 'a legacy key of old' })).body.id).toBe(user.id),
      );
      expect((await app.delete('/profile', { key: 'a legacy key of old' })).status).toBe(204);
      expect((await app.get('/profile', { key: 'a legacy key of old' })).status).toBe(401);
      expect((await app.post('/admin/users', { email: 'hildegard.of.bingen@example.com' })).status).toBe(201);
    });

    it('never with the last administrator, and with another only by whoever holds as much', async () => {
      expect(code(await app.delete('/profile'))).toEqual([409, 'administrator.required']);
      expect(code(await app.post(`/admin/users/${app.adminId}/erase`))).toEqual([409, 'administrator.required']);
      await customRole(app, 'eraser', ['users:*']);
      const eraser = await app.user({ roles: ['eraser'] });
      expect(code(await app.post(`/admin/users/${app.adminId}/erase`, {}, { key: eraser.key }))).toEqual([
        403,
        'permission.escalation',
      ]);
      const [one, two] = [
        await app.user({ roles: ['admin'], permissions: ['*'] }),
        await app.user({ roles: ['admin'], permissions: ['*'] }),
      ];
      const answers = await Promise.all([
        app.delete('/profile'),
        app.delete('/profile', { key: one.key }),
        app.delete('/profile', { key: two.key }),
      ]);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 204, 409]);
    });

    it('with no key issued behind it, whatever the race', async () => {
      const user = await somebody();
      await Promise.all([
        ...Array.from({ length: 10 }, () =>
          app.post(`/admin/users/${user.id}/api-keys`, { name: 'Hildegard', permissions: [] }),
        ),
        app.post(`/admin/users/${user.id}/erase`),
      ]);
      expect(
        await app.sql('select name from api_keys where owner_id = $1 and (revoked_at is null or name = $2)', [
          user.id,
          'Hildegard',
        ]),
      ).toEqual([]);
      expect((await found()).filter((word) => word === 'Hildegard')).toEqual([]);
    });

    it('with nothing of a feature made behind it, whatever the race', async () => {
      for (let round = 0; round < 10; round++) {
        const { id, key } = await app.user();
        const items = [{ sku: 'A', quantity: 1, unitPriceCents: 1 }];
        const order = { currency: 'EUR', items, note: 'for Hildegard' };
        const answers = await Promise.all([
          app.post(`/admin/users/${id}/erase`),
          ...Array.from({ length: 5 }, () => app.post('/orders', order, { key })),
        ]);
        expect(answers[0].status).toBe(204);
        const left = 'select note from orders where owner_id = $1 and (note is not null or cancelled_at is null)';
        expect(await app.sql(left, [id])).toEqual([]);
      }
    });
  });
});
