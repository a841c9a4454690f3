import { randomUUID } from 'node:crypto';
import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';
import { customRole, organization } from '../support/tenants.js';

/** Every kind of change that HTTP can make, each as a call and the events it must leave. */
interface Change {
  readonly name: string;
  readonly make: (app: TestApp, headers: Record<string, string>) => Promise<Answer>;
  readonly events: readonly string[];
}

const patch = (path: string, body: unknown) => (app: TestApp, headers: Record<string, string>) =>
  app.patch(path, body, { headers });

async function changesOn(app: TestApp): Promise<Change[]> {
  const user = await app.user();
  const [leaving, promoted, locked] = [await app.user(), await app.user(), await app.user()];
  const spare = async (): Promise<string> => (await app.post('/api-keys', { name: 'spare' })).body.id;
  const [changed, revoked, rotated, disabled] = [await spare(), await spare(), await spare(), await spare()];
  const presented = (await app.post('/api-keys', { name: 'presented' })).body.key;
  return [
    {
      name: 'creating a user',
      events: ['user.created', 'user.roles_changed'],
      make: (a, headers) => a.post('/admin/users', { email: `${randomUUID()}@example.com` }, { headers }),
    },
    {
      name: 'changing a user',
      events: ['user.changed'],
      make: patch(`/admin/users/${user.id}`, { name: `n${Math.random()}` }),
    },
    {
      name: 'locking a user',
      events: ['user.locked'],
      make: (a, headers) => a.post(`/admin/users/${locked.id}/lock`, { reason: 'audit' }, { headers }),
    },
    {
      name: 'unlocking a user',
      events: ['user.unlocked'],
      make: (a, headers) => a.post(`/admin/users/${locked.id}/unlock`, {}, { headers }),
    },
    {
      name: 'giving roles',
      events: ['user.roles_changed'],
      make: (a, headers) => a.put(`/admin/users/${promoted.id}/roles`, { roles: ['admin'] }, { headers }),
    },
    {
      name: 'deleting a user',
      events: ['user.deleted', 'api_key.revoked'],
      make: (a, headers) => a.delete(`/admin/users/${leaving.id}`, { headers }),
    },
    {
      name: 'changing one’s profile',
      events: ['user.changed'],
      make: patch('/profile', { name: `p${Math.random()}` }),
    },
    {
      name: 'issuing a key',
      events: ['api_key.issued'],
      make: (a, headers) => a.post('/api-keys', { name: 'audited', metadata: { a: 1 } }, { headers }),
    },
    {
      name: 'issuing a key for somebody',
      events: ['api_key.issued'],
      make: (a, headers) => a.post(`/admin/users/${user.id}/api-keys`, { name: 'audited' }, { headers }),
    },
    {
      name: 'changing a key',
      events: ['api_key.changed'],
      make: patch(`/api-keys/${changed}`, { name: `k${Math.random()}` }),
    },
    {
      name: 'disabling a key',
      events: ['api_key.changed'],
      make: patch(`/admin/api-keys/${disabled}`, { status: 'disabled' }),
    },
    {
      name: 'rotating a key',
      events: ['api_key.rotated', 'api_key.issued'],
      make: (a, headers) => a.post(`/api-keys/${rotated}/rotate`, {}, { headers }),
    },
    {
      name: 'revoking a key',
      events: ['api_key.revoked'],
      make: (a, headers) => a.delete(`/admin/api-keys/${revoked}?reason=audit`, { headers }),
    },
    {
      name: 'a key revoking itself',
      events: ['api_key.revoked'],
      make: (a, headers) => a.delete('/api-keys/current', { headers, key: presented }),
    },
  ];
}

/** All that a change could touch, as one text. */
async function everything(app: TestApp): Promise<string> {
  const tables = ['users', 'api_keys', 'role_assignments', 'roles', 'organizations', 'audit_events'];
  const parts = await Promise.all(
    tables.map((table) =>
      app.sql(
        `select coalesce(jsonb_agg(to_jsonb(t) - '{last_used_at,last_used_address}'::text[] order by to_jsonb(t)::text), '[]') as rows from ${table} t`,
      ),
    ),
  );
  return JSON.stringify(parts);
}

describe('the audit log', () => {
  let app: TestApp;
  let changes: Change[];
  beforeAll(async () => {
    app = await startTestApp();
    changes = await changesOn(app);
  });
  afterAll(() => app.close());

  it('says of every change who made it, what it was, from where and in which request', async () => {
    for (const { name, make, events } of changes) {
      const requestId = randomUUID();
      const answer = await make(app, { 'x-request-id': requestId, 'user-agent': 'audit spec' });
      expect({ name, done: answer.status < 300 }).toEqual({ name, done: true });
      const { items } = (await app.get(`/admin/logs?requestId=${requestId}`)).body;
      expect({ name, actions: items.map(({ action }: any) => action).toSorted() }).toEqual({
        name,
        actions: [...events].toSorted(),
      });
      for (const event of items) {
        expect(event).toMatchObject({
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          occurredAt: expect.stringMatching(/Z$/),
          actor: { kind: 'api_key', userId: app.adminId, keyId: expect.any(String), name: null },
          target: { type: event.action.split('.')[0], id: expect.any(String) },
          organizationId: expect.any(String),
          address: '127.0.0.1',
          userAgent: 'audit spec',
          requestId,
        });
      }
    }
  });

  it('shows what a member was before and is after, and only those that differ', async () => {
    const { id } = (await app.post('/admin/users', { email: 'before@example.com', name: 'Before' })).body;
    await app.patch(`/admin/users/${id}`, { name: 'After', email: 'before@example.com' });
    await app.put(`/admin/users/${id}/roles`, { roles: [] });
    const { items } = (await app.get(`/admin/logs?target=${id}`)).body;
    expect(items.map(({ action, before, after }: any) => ({ action, before, after }))).toEqual([
      { action: 'user.roles_changed', before: { roles: ['user'] }, after: { roles: [] } },
      { action: 'user.changed', before: { name: 'Before' }, after: { name: 'After' } },
      { action: 'user.roles_changed', before: { roles: [] }, after: { roles: ['user'] } },
      {
        action: 'user.created',
        before: null,
        after: { email: 'before@example.com', name: 'Before', subscriptionTier: 'free' },
      },
    ]);
  });

  it('knows the system as the one who made the first administrator', async () => {
    const { items } = (await app.get(`/admin/logs?target=${app.adminId}&action=user.created`)).body;
    expect(items).toMatchObject([
      { actor: { kind: 'system', name: 'test', userId: null, keyId: null }, address: null, requestId: null },
    ]);
  });

  it('holds no secret, no hash of one and no pepper’s version', async () => {
    const text = JSON.stringify(await app.sql('select to_jsonb(e) as event from audit_events e'));
    const keys = await app.sql<{ hash: string; pepper_version: string }>(
      `select encode(secret_hash, 'hex') as hash, pepper_version from api_keys`,
    );
    for (const { hash, pepper_version } of keys) {
      expect(text).not.toContain(hash);
      expect(text).not.toContain(Buffer.from(hash, 'hex').toString('base64'));
      expect(text).not.toContain(pepper_version);
    }
    expect(text).not.toContain(app.adminKey.split('_').at(-1)!);
    expect(text).not.toMatch(/secretHash|secret_hash|apiKeyHash|"type":"Buffer"/);
  });

  it('says nothing of a change that was refused', async () => {
    const [before] = await app.sql('select count(*)::int as events from audit_events');
    const refused = [
      await app.post('/admin/users', { email: 'admin@example.com' }),
      await app.post('/admin/users', { email: 'role@example.com', roles: ['wizard'] }),
      await app.patch(`/api-keys/${app.adminKeyId}`, { permissions: ['no:such'] }),
      await app.post(`/admin/users/${app.adminId}/lock`, { reason: 'x', until: '2020-01-01T00:00:00Z' }),
      await app.delete(`/admin/users/${randomUUID()}`),
    ];
    expect(refused.every(({ status }) => status >= 400 && status < 500)).toBe(true);
    expect(await app.sql('select count(*)::int as events from audit_events')).toEqual([before]);
  });

  describe('is read', () => {
    it('newest first, in pages without repetition or loss', async () => {
      const [{ total }] = (await app.sql('select count(*)::int as total from audit_events')) as [{ total: number }];
      const seen: string[] = [];
      for (let after = ''; ;) {
        const { items, next } = (await app.get(`/admin/logs?limit=7${after}`)).body;
        seen.push(...items.map(({ id }: any) => id));
        if (next === null) break;
        after = `&after=${next}`;
      }
      expect(seen).toHaveLength(total);
      expect(seen).toEqual(seen.toSorted().toReversed());
    });

    it('by actor, action, subject, target, kind of target and time', async () => {
      const maker = await app.user({ roles: ['admin'], permissions: ['*'] });
      const made = (await app.post('/admin/users', { email: 'filtered@example.com' }, { key: maker.key })).body;
      const [{ occurredAt: from }] = (await app.get(`/admin/logs?target=${made.id}&action=user.created`)).body.items;
      const idsOf = async (query: string): Promise<string[]> =>
        (await app.get(`/admin/logs?${query}`)).body.items.map(({ action }: any) => action);
      expect(await idsOf(`actor=${maker.id}`)).toEqual(['user.roles_changed', 'user.created']);
      expect(await idsOf(`actor=${maker.keyId}`)).toEqual(['user.roles_changed', 'user.created']);
      expect(await idsOf(`target=${made.id}`)).toEqual(['user.roles_changed', 'user.created']);
      expect(await idsOf(`action=user.created&target=${made.id}`)).toEqual(['user.created']);
      expect(await idsOf(`action=user.*&target=${made.id}`)).toEqual(['user.roles_changed', 'user.created']);
      expect(await idsOf(`action=use.*`)).toEqual([]);
      expect(await idsOf(`targetType=api_key&actor=${maker.id}`)).toEqual([]);
      expect(await idsOf(`from=${from}`)).toEqual(['user.roles_changed', 'user.created']);
      expect(await idsOf(`from=${from}&to=${from}`)).toEqual([]);
      expect(await idsOf(`to=2020-01-01T00:00:00Z`)).toEqual([]);
    });

    it.each(['actor=x', 'from=yesterday', 'from=2026-W01', 'who=me', 'limit=1000', 'from=2026-02-30T00:00:00Z'])(
      'but not by ?%s, which is 400',
      async (query) => {
        expect((await app.get(`/admin/logs?${query}`)).status).toBe(400);
      },
    );

    it('by times with any offset', async () => {
      const since = '2020-01-01T00:00:00%2B23:59';
      expect((await app.get(`/admin/logs?from=${since}&limit=1`)).body.items).toHaveLength(1);
      expect((await app.get(`/admin/logs?to=${since}`)).body.items).toEqual([]);
    });

    it('only within one’s organization', async () => {
      await customRole(app, 'log-reader', ['logs:read']);
      const reader = await app.user({ roles: ['log-reader'], organizationId: await organization(app, 'audited') });
      const { items } = (await app.get('/admin/logs?limit=100', { key: reader.key })).body;
      expect(items.length).toBeGreaterThan(0);
      expect(new Set(items.map(({ organizationId }: any) => organizationId)).size).toBe(1);
    });
  });

  describe('that cannot be written', () => {
    const breakages: [string, string, string][] = [
      [
        'whose table is gone',
        'alter table audit_events rename to audit_gone',
        'alter table audit_gone rename to audit_events',
      ],
      [
        'whose table refuses rows',
        'alter table audit_events add constraint closed check (false) not valid',
        'alter table audit_events drop constraint closed',
      ],
    ];
    it.each(breakages)(
      '(%s) stops every kind of change with 503 audit.unavailable, and nothing is changed',
      async (_, damage, repair) => {
        for (const { name, make } of await changesOn(app)) {
          const before = await everything(app);
          await app.sql(damage);
          const answer = await make(app, {});
          await app.sql(repair);
          expect({
            name,
            status: answer.status,
            code: answer.body.code,
            retry: answer.headers.get('retry-after'),
          }).toEqual({
            name,
            status: 503,
            code: 'audit.unavailable',
            retry: '1',
          });
          expect({ name, same: (await everything(app)) === before }).toEqual({ name, same: true });
        }
      },
    );

    it('stops no reading', async () => {
      await app.sql('alter table audit_events add constraint closed check (false) not valid');
      expect((await app.get('/admin/users')).status).toBe(200);
      expect((await app.get('/profile')).status).toBe(200);
      await app.sql('alter table audit_events drop constraint closed');
    });
  });
});
