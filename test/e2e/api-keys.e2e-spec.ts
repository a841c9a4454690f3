import { createHmac, hkdfSync } from 'node:crypto';
import { Clock } from '#libs/clock';
import { eventually } from '../support/eventually.js';
import { checksumOf, tailOf } from '../support/key-form.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const RANDOM_ID = '01900000-0000-7000-8000-0123456789ab';

describe('api keys', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await app.user();
  });
  afterAll(() => app.close());

  const issue = (request: object, key = user.key): Promise<Answer> =>
    app.post('/api-keys', { name: 'a key', ...request }, { key });
  const issued = async (request: object = {}, key = user.key): Promise<Answer['body']> => {
    const answer = await issue(request, key);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body;
  };
  const read = (id: string, key = user.key): Promise<Answer> => app.get(`/api-keys/${id}`, { key });
  const change = (id: string, request: object, key = user.key): Promise<Answer> =>
    app.patch(`/api-keys/${id}`, request, { key });
  const use = (key: string): Promise<Answer> => app.get('/api-keys/current', { key });

  describe('issuing', () => {
    it('answers 201 with the key, its Location and everything about it', async () => {
      const answer = await issue({ environment: 'staging', permissions: ['api-keys:read'] });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        name: 'a key',
        environment: 'staging',
        permissions: ['api-keys:read'],
        expiresAt: null,
        ownerId: user.id,
        status: 'active',
      });
      expect(answer.body.id).toMatch(UUID_V7);
      expect(answer.body.createdAt).toMatch(RFC_3339);
      expect(answer.body.organizationId).toEqual(expect.any(String));
      expect(answer.headers.get('location')).toBe(`/api/v1/api-keys/${answer.body.id}`);
      expect(answer.headers.get('etag')).not.toBeNull();
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const { status, body } = await read(answer.body.id);
      const { key, ...rest } = answer.body;
      expect([status, body]).toEqual([200, rest]);
      expect(key.startsWith(`${body.start}_`)).toBe(true);
    });

    it('makes kw_<environment>_<id>_<secret><checksum>: 43 digits of base 62, and the CRC-32 of all before it in 6', async () => {
      const { id, key, start } = await issued({ environment: 'dev' });
      expect(key).toMatch(/^kw_dev_[0-9a-f-]{36}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
      expect(start).toBe(`kw_dev_${id}`);
      expect(key.slice(-6)).toBe(checksumOf(key.slice(0, -6)));
    });

    it('stores of the secret its HMAC-SHA256 under the pepper alone', async () => {
      const { id, key } = await issued();
      const pepper = Buffer.from(
        hkdfSync('sha256', 'a secret for tests that is long enough', '', 'keyward pepper', 32),
      );
      const expected = createHmac('sha256', pepper).update(tailOf(key).slice(0, -6)).digest();
      const [row] = await app.sql<{ secret_hash: Buffer }>('select secret_hash from api_keys where id = $1', [id]);
      expect(row?.secret_hash).toEqual(expected);
    });

    it('leaves the secret in no table, no log line and no answer but the first', async () => {
      const { id, key } = await issued({ description: 'sought everywhere' });
      await use(key);
      await app.get('/admin/logs');
      const rotated = (await app.post(`/api-keys/${id}/rotate`, { graceSeconds: 60 }, { key })).body;
      await app.get(`/admin/api-keys/${id}`);
      const secrets = [tailOf(key), tailOf(rotated.key)].flatMap((tail) => [tail, tail.slice(0, -6)]);
      const tables = await app.sql<{ name: string }>(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      expect(tables.length).toBeGreaterThan(8);
      for (const { name } of tables) {
        const rows = await app.sql<{ row: string }>(`select t::text as row from ${name} t`);
        expect([name, rows.filter(({ row }) => secrets.some((secret) => row.includes(secret)))]).toEqual([name, []]);
      }
      expect(app.logger.lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
      const answers = [
        await read(id),
        await app.get('/api-keys', { key: user.key }),
        await app.get('/admin/logs?limit=100'),
      ];
      for (const { status, text } of answers)
        expect([status, secrets.filter((secret) => text.includes(secret))]).toEqual([200, []]);
    });

    it('makes different secrets every time', async () => {
      const keys = await Promise.all(Array.from({ length: 20 }, () => issued()));
      expect(new Set(keys.map(({ key }) => tailOf(key).slice(0, 8))).size).toBe(20);
      expect(new Set(keys.map(({ id }) => id)).size).toBe(20);
    });

    it('accepts everything at the limit of what is allowed', async () => {
      const request = {
        name: 'n'.repeat(200),
        description: 'd'.repeat(2000),
        expiresInDays: 36_500,
        allowedAddresses: ['0.0.0.0/0', '::/0', '::1', '::ffff:10.0.0.0/104'],
        rateLimit: { limit: 1_000_000_000, windowSeconds: 86_400 },
        quota: { limit: 1_000_000_000_000, period: 'total' },
        metadata: { text: 'x'.repeat(8181) },
        tags: Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(100, 't')),
      };
      const { expiresInDays, ...kept } = request;
      const body = await issued(request);
      expect(body).toMatchObject(kept);
      expect(Math.abs(Date.parse(body.expiresAt) - Date.now() - expiresInDays * 86_400_000)).toBeLessThan(10_000);
      expect((await use(body.key)).status).toBe(200);
    });

    it.each<[string, unknown]>([
      ['name', undefined],
      ['name', ''],
      ['name', ' \t '],
      ['name', null],
      ['name', 7],
      ['description', 5],
      ['environment', 'nowhere'],
      ['environment', null],
      ['environment', ''],
      ['permissions', 'users:read'],
      ['permissions', null],
      ['permissions', ['Users:Read']],
      ['permissions', ['users']],
      ['permissions', [1]],
      ['permissions', ['users:**']],
      ['expiresAt', 'tomorrow'],
      ['expiresAt', '2001-01-01T00:00:00Z'],
      ['expiresAt', '2099-02-30T00:00:00Z'],
      ['expiresAt', 4_000_000_000],
      ['expiresInDays', 0],
      ['expiresInDays', 1.5],
      ['expiresInDays', 36_501],
      ['expiresInDays', '7'],
      ['expiresInDays', null],
      ['allowedAddresses', ['10.0.0.0/33']],
      ['allowedAddresses', ['10.1']],
      ['allowedAddresses', ['010.0.0.1']],
      ['allowedAddresses', ['example.com']],
      ['allowedAddresses', ['fe80::1%eth0']],
      ['allowedAddresses', '10.0.0.1'],
      ['allowedAddresses', ['::1/129']],
      ['allowedAddresses', ['']],
      ['rateLimit', { limit: 0, windowSeconds: 1 }],
      ['rateLimit', { limit: 1 }],
      ['rateLimit', { limit: 1, windowSeconds: 86_401 }],
      ['rateLimit', { limit: 1, windowSeconds: 1, burst: 1 }],
      ['rateLimit', []],
      ['rateLimit', [{ limit: 1, windowSeconds: 1 }]],
      ['rateLimit', 5],
      ['rateLimit', '5/60'],
      ['quota', { limit: 1, period: 'year' }],
      ['quota', { limit: -1, period: 'day' }],
      ['quota', {}],
      ['quota', []],
      ['quota', [[]]],
      ['metadata', []],
      ['metadata', 'text'],
      ['metadata', null],
      ['tags', 'one'],
      ['tags', ['']],
      ['tags', [[]]],
      ['tags', null],
      ['ownerId', RANDOM_ID],
      ['id', RANDOM_ID],
      ['secretHash', 'x'],
      ['grants', ['*']],
    ])('refuses %s: %j with 400 that points at it', async (field, value) => {
      const answer = await issue({ [field]: value });
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
      expect(answer.body.errors[0].pointer).toMatch(new RegExp(`^/${field}`));
    });

    it.each<[string, string, unknown]>([
      ['name', '201 characters', 'n'.repeat(201)],
      ['description', '2001 characters', 'd'.repeat(2001)],
      ['metadata', '8193 bytes of JSON', { text: 'x'.repeat(8182) }],
      ['tags', 'a tag of 101 characters', ['t'.repeat(101)]],
      ['tags', '51 tags', Array.from({ length: 51 }, (_, index) => `${index}`)],
      ['permissions', '201 entries', Array.from({ length: 201 }, () => 'api-keys:read')],
      ['allowedAddresses', '101 entries', Array.from({ length: 101 }, () => '192.0.2.1')],
    ])('refuses %s of %s with 400 that points at it', async (field, _, value) => {
      const answer = await issue({ [field]: value });
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
      expect(answer.body.errors[0].pointer).toBe(`/${field}`);
    });

    it('refuses an expiry given twice', async () => {
      expect((await issue({ expiresInDays: 1, expiresAt: '2099-01-01T00:00:00Z' })).status).toBe(400);
      expect((await issue({ expiresInDays: 1, expiresAt: null })).status).toBe(201);
    });
  });

  describe('what a key is granted', () => {
    it('is what its issuer’s key is granted when nothing is asked for', async () => {
      const narrow = await issued({ permissions: ['api-keys:create', 'api-keys:read'] });
      expect((await issued({}, narrow.key)).permissions).toEqual(['api-keys:create', 'api-keys:read']);
    });

    it('is nothing when the list is empty: every permission is missing', async () => {
      const { key, permissions } = await issued({ permissions: [] });
      expect(permissions).toEqual([]);
      expect((await use(key)).status).toBe(200);
      expect((await app.get('/api-keys', { key })).body.code).toBe('permission.missing');
      expect((await app.post('/api-keys', { name: 'x' }, { key })).body.code).toBe('permission.missing');
    });

    it('is each permission once', async () => {
      expect((await issued({ permissions: ['api-keys:read', 'api-keys:read'] })).permissions).toEqual([
        'api-keys:read',
      ]);
    });

    it.each([[['users:read']], [['api-keys:read', 'users:read']], [['*']], [['users:*']], [['api-keys:*']]])(
      'is never what its issuer does not hold: a user asking for %j is refused with 403 permission.escalation',
      async (permissions) => {
        const before = await app.sql('select id from api_keys');
        const answer = await issue({ permissions });
        expect([answer.status, answer.body.code]).toEqual([403, 'permission.escalation']);
        expect(answer.body.missing).toEqual(permissions.filter((permission) => permission !== 'api-keys:read'));
        expect(await app.sql('select id from api_keys')).toHaveLength(before.length);
      },
    );

    it('is never what the presented key does not hold, whatever its owner does', async () => {
      const narrow = await issued({ permissions: ['api-keys:*', 'users:read'] }, app.adminKey);
      expect((await issue({ permissions: ['users:read'] }, narrow.key)).status).toBe(201);
      expect((await issue({ permissions: ['api-keys:*'] }, narrow.key)).status).toBe(201);
      for (const permissions of [['users:create'], ['users:*'], ['*']]) {
        expect((await issue({ permissions }, narrow.key)).body.code).toBe('permission.escalation');
      }
    });

    it('is a wildcard only from somebody who holds that wildcard or a wider one', async () => {
      const all = await app.get('/admin/permissions');
      const every: string[] = all.body.categories.flatMap(({ permissions }: { permissions: { name: string }[] }) =>
        permissions.map(({ name }) => name),
      );
      const exact = await issued({ permissions: every }, app.adminKey);
      expect((await issue({ permissions: every }, exact.key)).status).toBe(201);
      expect((await issue({ permissions: ['*'] }, exact.key)).body.code).toBe('permission.escalation');
      expect((await issue({ permissions: ['users:*'] }, exact.key)).body.code).toBe('permission.escalation');
    });

    it.each([['users:fly'], ['nothing:read'], ['nothing:*']])(
      'must exist: %s is refused with 400 permission.unknown',
      async (permission) => {
        const answer = await issue({ permissions: [permission] }, app.adminKey);
        expect([answer.status, answer.body.code]).toEqual([400, 'permission.unknown']);
      },
    );

    it('is worth what its owner’s roles grant now, no more', async () => {
      const other = await app.user({ roles: ['admin'] });
      const { body } = await app.post(`/admin/users/${other.id}/api-keys`, {
        name: 'wide',
        permissions: ['users:*', 'api-keys:read'],
      });
      expect((await app.get('/admin/users', { key: body.key })).status).toBe(200);
      await app.put(`/admin/users/${other.id}/roles`, { roles: ['user'] });
      expect((await app.get('/admin/users', { key: body.key })).body.missing).toEqual(['users:read']);
      expect((await app.get('/api-keys', { key: body.key })).status).toBe(200);
    });

    it('cannot be widened by a change either', async () => {
      const { id, key } = await issued({ permissions: ['api-keys:update', 'api-keys:read'] });
      expect((await change(id, { permissions: ['api-keys:update', 'api-keys:create'] }, key)).body.code).toBe(
        'permission.escalation',
      );
      expect((await change(id, { permissions: ['*'] })).body.code).toBe('permission.escalation');
      expect((await read(id)).body.permissions).toEqual(['api-keys:update', 'api-keys:read']);
      expect((await change(id, { permissions: ['api-keys:create'] })).body.permissions).toEqual(['api-keys:create']);
    });

    it('cannot be had by issuing a key for somebody who holds more', async () => {
      const manager = await issued({ permissions: ['api-keys:manage'] }, app.adminKey);
      const asked = await app.post(
        `/admin/users/${app.adminId}/api-keys`,
        { name: 'x', permissions: ['users:read'] },
        { key: manager.key },
      );
      expect([asked.status, asked.body.code]).toEqual([403, 'permission.escalation']);
      const inherited = await app.post(`/admin/users/${app.adminId}/api-keys`, { name: 'x' }, { key: manager.key });
      expect(inherited.body.permissions).toEqual(['api-keys:manage']);
    });
  });

  describe('reading and changing', () => {
    it('keeps what is absent and clears what is null', async () => {
      const settings = {
        name: 'before',
        description: 'text',
        expiresAt: '2099-01-01T00:00:00.000Z',
        allowedAddresses: ['127.0.0.1'],
        rateLimit: { limit: 5, windowSeconds: 1 },
        quota: { limit: 5, period: 'day' },
        metadata: { a: 1 },
        tags: ['t'],
      };
      const { id } = await issued(settings);
      expect((await change(id, { name: 'after' })).body).toMatchObject({ ...settings, name: 'after' });
      expect((await change(id, {})).body).toMatchObject({ ...settings, name: 'after' });
      const cleared = {
        description: null,
        expiresAt: null,
        allowedAddresses: null,
        rateLimit: null,
        quota: null,
        metadata: null,
        tags: null,
      };
      const { status, body } = await change(id, cleared);
      expect(status).toBe(200);
      expect(body).toMatchObject({ ...cleared, name: 'after', allowedAddresses: [], metadata: {}, tags: [] });
      expect((await read(id)).body).toEqual(body);
    });

    it.each([
      { name: null },
      { name: '' },
      { status: 'revoked' },
      { status: null },
      { permissions: null },
      { environment: 'dev' },
      { expiresAt: '2001-01-01T00:00:00Z' },
      { ownerId: RANDOM_ID },
      { expiresInDays: 1 },
      { rateLimit: [] },
      { quota: [] },
    ])('refuses to change %j with 400 and changes nothing', async (request) => {
      const { id } = await issued();
      const before = (await read(id)).body;
      const answer = await change(id, { description: 'new', ...request });
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
      expect((await read(id)).body).toEqual(before);
    });

    it('keeps metadata as it was sent, whatever its members are called', async () => {
      const metadata = {
        inspect: true,
        '': 0,
        toJSON: 'x',
        'a.b': [1, [{ length: 2 }]],
        id: '9'.repeat(30),
        equals: { deep: [] },
      };
      const { id } = await issued({ metadata });
      expect((await read(id)).body.metadata).toEqual(metadata);
      const changed = { ...metadata, equals: { deep: [null, {}] }, inspect: { length: -1.5 } };
      expect((await change(id, { metadata: changed })).body.metadata).toEqual(changed);
      expect((await read(id)).body.metadata).toEqual(changed);
    });

    it.each(Object.getOwnPropertyNames(Object.prototype))(
      'refuses a member called %s, wherever it stands, with 400',
      async (name) => {
        const { id } = await issued();
        const member = `{${JSON.stringify(name)}: {"call": 1}}`;
        for (const body of [
          `{"name": "x", "metadata": ${member}}`,
          `{"name": "x", "metadata": {"a": [${member}]}}`,
          `{"name": "x", ${member.slice(1)}`,
        ]) {
          const answers = [
            await app.call('POST', '/api-keys', { key: user.key, body }),
            await app.call('PATCH', `/api-keys/${id}`, { key: user.key, body }),
          ];
          for (const answer of answers) expect([answer.status, answer.body.code]).toEqual([400, 'request.malformed']);
        }
      },
    );

    it('gives another ETag after every change', async () => {
      const { id } = await issued();
      const first = (await read(id)).headers.get('etag');
      expect(first).toMatch(/^"[^"]+"$/);
      expect((await read(id)).headers.get('etag')).toBe(first);
      const changed = await change(id, { name: 'another' });
      expect(changed.headers.get('etag')).not.toBe(first);
      expect((await read(id)).headers.get('etag')).toBe(changed.headers.get('etag'));
    });

    it('disables and enables a key', async () => {
      const { id, key } = await issued();
      expect((await use(key)).status).toBe(200);
      expect((await change(id, { status: 'disabled' })).body.status).toBe('disabled');
      expect((await use(key)).body.code).toBe('api_key.disabled');
      expect((await change(id, { status: 'active' })).body.status).toBe('active');
      expect((await use(key)).status).toBe(200);
    });

    it('revokes a key for good, with its reason', async () => {
      const { id, key } = await issued();
      const answer = await app.delete(`/api-keys/${id}?reason=leaked%20in%20a%20repository`, { key: user.key });
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect((await use(key)).body.code).toBe('api_key.revoked');
      expect((await read(id)).body).toMatchObject({
        status: 'revoked',
        revocationReason: 'leaked in a repository',
        revokedAt: expect.stringMatching(RFC_3339),
      });
      await change(id, { status: 'active' });
      expect((await use(key)).body.code).toBe('api_key.revoked');
      expect((await app.delete(`/api-keys/${id}?reason=again`, { key: user.key })).status).toBe(204);
      expect((await read(id)).body.revocationReason).toBe('leaked in a repository');
    });

    it('ends a key by the clock of the database, and lets it live again when its expiry is moved', async () => {
      const { id, key } = await issued({ expiresInDays: 1 });
      expect((await use(key)).status).toBe(200);
      await app.sql('update api_keys set expires_at = now() where id = $1', [id]);
      await eventually(async () => expect((await use(key)).body.code).toBe('api_key.expired'));
      expect((await read(id)).body.status).toBe('expired');
      const unchanged = await change(id, { status: 'active' });
      expect([unchanged.status, unchanged.body.status]).toEqual([200, 'expired']);
      await change(id, { expiresAt: '2099-01-01T00:00:00Z' });
      expect((await use(key)).status).toBe(200);
    });

    it('ends a key in use at its expiry, without any change to it', async () => {
      const { id, key } = await issued();
      await app.sql("update api_keys set expires_at = now() + interval '400 ms' where id = $1", [id]);
      await eventually(async () => expect((await use(key)).body.code).toBe('api_key.expired'), 1500);
    });

    it.each([-3_600_000, 3_600_000])(
      'is judged by the clock of the database, though that of this machine be wrong by %d ms',
      async (error) => {
        const wrong = jest.spyOn(app.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + error));
        try {
          const { id, key } = await issued({ expiresAt: new Date(Date.now() + 600_000).toISOString() });
          expect([(await use(key)).body.status, (await read(id)).body.status]).toEqual(['active', 'active']);
          expect((await change(id, { status: 'disabled' })).body.status).toBe('disabled');
          expect((await change(id, { status: 'active' })).body.status).toBe('active');
          await app.delete(`/api-keys/${id}`, { key: user.key });
          expect((await read(id)).body.status).toBe('revoked');
          expect((await use(key)).body.code).toBe('api_key.revoked');
        } finally {
          wrong.mockRestore();
        }
      },
    );

    it('tells when a key was last used, and from where', async () => {
      const { id, key } = await issued();
      expect((await read(id)).body).toMatchObject({ lastUsedAt: null, lastUsedAddress: null });
      const before = Date.now();
      await use(key);
      const { lastUsedAt, lastUsedAddress } = (await read(id)).body;
      expect([lastUsedAt, lastUsedAddress]).toEqual([expect.stringMatching(RFC_3339), '127.0.0.1']);
      expect(Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(before - 1);
      await eventually(async () => {
        const rows = await app.sql('select last_used_at, last_used_address from api_keys where id = $1', [id]);
        expect(rows).toEqual([{ last_used_at: new Date(lastUsedAt), last_used_address: '127.0.0.1' }]);
      }, 7000);
      expect((await read(id)).body).toMatchObject({ lastUsedAt, lastUsedAddress });
    });
  });

  describe('the key that is presented', () => {
    it('tells who it is, whatever it may do', async () => {
      const { id, key } = await issued({ permissions: [] });
      const { status, body } = await use(key);
      expect([status, body]).toMatchObject([200, { id, ownerId: user.id, status: 'active', permissions: [] }]);
    });

    it('revokes itself, whatever it may do', async () => {
      const { id, key } = await issued({ permissions: [] });
      expect((await app.delete('/api-keys/current?reason=found on a train', { key })).status).toBe(204);
      expect((await use(key)).body.code).toBe('api_key.revoked');
      expect((await read(id)).body.revocationReason).toBe('found on a train');
    });
  });

  describe('lists', () => {
    let owner: TestUser;
    const ids: Record<string, string> = {};
    beforeAll(async () => {
      owner = await app.user();
      const requests = {
        alpha: { environment: 'live', tags: ['x'] },
        Beta: { environment: 'dev', description: 'The 100%_sure One' },
        gamma: { environment: 'dev', tags: ['x', 'y'] },
      };
      for (const [name, request] of Object.entries(requests))
        ids[name] = (await issued({ name, ...request }, owner.key)).id;
      await change(ids['gamma'] ?? '', { status: 'disabled' }, owner.key);
    });
    const list = (query: string, key = owner.key, path = '/api-keys'): Promise<Answer> =>
      app.get(`${path}${query}`, { key });
    const names = ({ status, body }: Answer): string[] => {
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body.items.map(({ name }: { name: string }) => name);
    };

    it('hold one’s own keys, newest first, without any secret', async () => {
      const answer = await list('');
      expect(names(answer)).toEqual(['gamma', 'Beta', 'alpha', 'test']);
      expect(answer.body.next).toBeNull();
      expect(answer.body.items.some((item: object) => 'key' in item || 'secretHash' in item)).toBe(false);
    });

    it.each([
      ['?status=disabled', ['gamma']],
      ['?status=active&environment=dev', ['Beta']],
      ['?tag=x', ['gamma', 'alpha']],
      ['?status=revoked', []],
      ['?search=BETA', ['Beta']],
      ['?search=sure', ['Beta']],
      ['?search=100%25_', ['Beta']],
      ['?search=%25', ['Beta']],
      ['?search=nothing', []],
      ['?sort=name', ['Beta', 'alpha', 'gamma', 'test']],
      ['?sort=-createdAt&limit=2', ['gamma', 'Beta']],
      ['?sort=createdAt', ['test', 'alpha', 'Beta', 'gamma']],
    ])('are filtered, searched and sorted: %s', async (query, expected) => {
      const found = names(await list(query));
      // the order of capitals is the database's collation
      const order = (found_: string[]): string[] =>
        query === '?sort=name' ? found_.map((name) => name.toLowerCase()).toSorted() : found_;
      expect(order(found)).toEqual(order(expected));
    });

    it('find a key by all that is shown of it', async () => {
      const [newest] = (await list('')).body.items;
      expect(names(await list(`?search=${newest.start}`))).toEqual([newest.name]);
      expect(names(await list(`?search=${newest.start.slice(0, -1)}`))).toEqual([]);
    });

    it('find a key by its id', async () => {
      expect(names(await list(`?search=${ids['alpha']?.toUpperCase()}`))).toEqual(['alpha']);
    });

    it.each(['createdAt', '-createdAt', 'name', '-name'])(
      'come in pages that hold every key once, sorted by %s',
      async (sort) => {
        const whole = names(await list(`?sort=${sort}`));
        const seen: string[] = [];
        let next: string | null = '';
        while (next !== null) {
          const page: Answer = await list(`?sort=${sort}&limit=1${next === '' ? '' : `&after=${next}`}`);
          seen.push(...names(page));
          next = page.body.next;
        }
        expect(seen).toEqual(whole);
      },
    );

    it.each([
      '?limit=0',
      '?limit=101',
      '?limit=1.5',
      '?limit=x',
      '?status=unknown',
      '?sort=secret',
      '?unknown=1',
      '?after=tampered',
      '?ownerId=1',
      '?search=',
    ])('refuse %s with 400', async (query) => {
      expect((await list(query)).status).toBe(400);
    });

    it('of administrators hold everybody’s keys and are narrowed to one owner', async () => {
      const all = await list(`?ownerId=${owner.id}&sort=createdAt`, app.adminKey, '/admin/api-keys');
      expect(names(all)).toEqual(['test', 'alpha', 'Beta', 'gamma']);
      expect(names(await list('?limit=100', app.adminKey, '/admin/api-keys'))).toContain('administrator');
    });

    it('of one’s own never hold another’s, even when asked for by owner', async () => {
      expect(names(await list(`?ownerId=${app.adminId}`))).toEqual([]);
      expect((await list('', owner.key, '/admin/api-keys')).status).toBe(403);
    });
  });

  describe('of somebody else', () => {
    const essence = ({ status, headers, body }: Answer, id: string): object => {
      const { requestId, ...rest } = body;
      const kept = [...headers].filter(([name]) => !['date', 'x-request-id', 'ratelimit'].includes(name));
      return JSON.parse(
        JSON.stringify({ status, headers: Object.fromEntries(kept), body: rest }).replaceAll(id, '<id>'),
      );
    };
    const calls: [string, (id: string, key: string) => Promise<Answer>][] = [
      ['GET', (id, key) => app.get(`/api-keys/${id}`, { key })],
      ['PATCH', (id, key) => app.patch(`/api-keys/${id}`, { name: 'mine now' }, { key })],
      ['DELETE', (id, key) => app.delete(`/api-keys/${id}`, { key })],
      ['rotate', (id, key) => app.post(`/api-keys/${id}/rotate`, {}, { key })],
      ['usage', (id, key) => app.get(`/api-keys/${id}/usage`, { key })],
    ];

    it.each(calls)('answer %s exactly as one that never was', async (_, call) => {
      const [foreign, random] = [await call(app.adminKeyId, user.key), await call(RANDOM_ID, user.key)];
      expect(random.status).toBe(404);
      expect(essence(foreign, app.adminKeyId)).toEqual(essence(random, RANDOM_ID));
      expect((await use(app.adminKey)).body.name).toBe('administrator');
    });

    it('are out of an administrator’s reach on the routes for one’s own', async () => {
      expect((await app.get(`/api-keys/${user.keyId}`)).status).toBe(404);
      expect((await app.get(`/admin/api-keys/${user.keyId}`)).status).toBe(200);
    });

    const adminCalls: [string, (id: string, key: string) => Promise<Answer>][] = [
      ['GET', (id, key) => app.get(`/admin/api-keys/${id}`, { key })],
      ['PATCH', (id, key) => app.patch(`/admin/api-keys/${id}`, { name: 'mine now' }, { key })],
      ['DELETE', (id, key) => app.delete(`/admin/api-keys/${id}`, { key })],
      ['rotate', (id, key) => app.post(`/admin/api-keys/${id}/rotate`, {}, { key })],
    ];
    it.each(adminCalls)(
      'in another organization answer %s of whoever manages one organization as keys that never were',
      async (_, call) => {
        const manager = await managerOfDefault();
        const theirs = await strangersKey();
        const [foreign, random] = [await call(theirs, manager), await call(RANDOM_ID, manager)];
        expect(random.status).toBe(404);
        expect(essence(foreign, theirs)).toEqual(essence(random, RANDOM_ID));
        expect((await app.get(`/admin/api-keys/${theirs}`)).body.status).toBe('active');
        const listed = await app.get('/admin/api-keys?limit=100', { key: manager });
        expect(listed.body.items.map(({ id }: { id: string }) => id)).not.toContain(theirs);
      },
    );

    const managerOfDefault = async (): Promise<string> => {
      await app.sql(
        "insert into roles (id, name, grants) values ('01900000-0000-7000-8000-0000000000bb', 'key manager', '{api-keys:*}') on conflict do nothing",
      );
      return (await app.user({ roles: ['key manager'], permissions: ['api-keys:*'] })).key;
    };
    const strangersKey = async (): Promise<string> => {
      const organizationId = '01900000-0000-7000-8000-0000000000bc';
      await app.sql(
        "insert into organizations (id, slug, name) values ($1, 'strangers', 'Strangers') on conflict do nothing",
        [organizationId],
      );
      return (await app.user({ organizationId })).keyId;
    };
  });

  describe('managed by an administrator', () => {
    it('can be issued, read, changed and revoked for anybody', async () => {
      const { status, body, headers } = await app.post(`/admin/users/${user.id}/api-keys`, {
        name: 'given',
        permissions: ['api-keys:read'],
      });
      expect([status, body.ownerId]).toEqual([201, user.id]);
      expect(headers.get('location')).toBe(`/api/v1/admin/api-keys/${body.id}`);
      expect((await app.patch(`/admin/api-keys/${body.id}`, { name: 'renamed' })).body.name).toBe('renamed');
      expect((await app.delete(`/admin/api-keys/${body.id}?reason=audit`)).status).toBe(204);
      expect((await use(body.key)).body.code).toBe('api_key.revoked');
      expect((await app.get(`/admin/api-keys/${body.id}`)).body).toMatchObject({
        name: 'renamed',
        revocationReason: 'audit',
      });
    });

    it('cannot be issued for somebody who is not there: 404', async () => {
      expect((await app.post(`/admin/users/${RANDOM_ID}/api-keys`, { name: 'x' })).status).toBe(404);
    });
  });

  it.each(['not-a-uuid', '1', `${RANDOM_ID}0`])('refuse the id %s with 400', async (id) => {
    for (const answer of [await read(id), await change(id, {}), await app.delete(`/api-keys/${id}`)])
      expect(answer.status).toBe(400);
  });
});

describe('a narrow key', () => {
  it('cannot free a wider one of its owner from what holds it back', async () => {
    const app = await startTestApp();
    const wide = await app.user();
    const narrow = await app.post(`/admin/users/${wide.id}/api-keys`, {
      name: 'narrow',
      permissions: ['api-keys:update'],
    });
    const call = { key: narrow.body.key };
    for (const body of [{ status: 'active' }, { expiresAt: null }, { allowedAddresses: null }, { rateLimit: null }]) {
      expect((await app.patch(`/api-keys/${wide.keyId}`, body, call)).body.code).toBe('permission.escalation');
    }
    expect((await app.patch(`/api-keys/${wide.keyId}`, { name: 'renamed' }, call)).status).toBe(200);
    expect((await app.patch(`/api-keys/${wide.keyId}`, { status: 'disabled' }, call)).status).toBe(200);
    await app.close();
  });
});
