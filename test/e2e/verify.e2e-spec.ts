import { createHash } from 'node:crypto';
import { PreparedSql } from '#libs/database';
import { AttemptMonitor } from '#libs/security';
import { eventually } from '../support/eventually.js';
import { forged } from '../support/key-form.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

const GUESSES = 5;

describe('POST /api-keys/verify', () => {
  let app: TestApp;
  let user: TestUser;
  let service: string;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_ENVIRONMENT: 'live', KEYWARD_GUESS_ALARM: `${GUESSES}/60` });
    user = await app.user();
    service = (await app.post('/api-keys', { name: 'gateway', permissions: ['api-keys:verify'] })).body.key;
  });
  afterAll(() => app.close());

  const verify = (key: unknown, request: object = {}, by = service): Promise<Answer> =>
    app.post('/api-keys/verify', { key, ...request }, { key: by });
  const issue = async (request: object = {}): Promise<{ id: string; key: string }> =>
    (await app.post(`/admin/users/${user.id}/api-keys`, { name: 'verified', ...request })).body;
  const silent = {
    valid: false,
    keyId: null,
    ownerId: null,
    organizationId: null,
    name: null,
    permissions: [],
    metadata: null,
    tags: [],
  };

  it('tells of a valid key whose it is and what it may do', async () => {
    const settings = {
      permissions: ['api-keys:read'],
      metadata: { plan: 'gold' },
      tags: ['t'],
      expiresAt: '2099-01-01T00:00:00.000Z',
    };
    const { id, key } = await issue(settings);
    const { status, body } = await verify(key);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      valid: true,
      code: 'valid',
      keyId: id,
      name: 'verified',
      ownerId: user.id,
      environment: 'live',
      ...settings,
    });
    expect(body.organizationId).toEqual(expect.any(String));
    expect(JSON.stringify(body)).not.toContain(key.slice(-20));
  });

  it('may be asked by whoever holds api-keys:verify and by nobody else', async () => {
    const refused = await verify(user.key, {}, user.key);
    expect([refused.status, refused.body.missing]).toEqual([403, ['api-keys:verify']]);
    expect((await app.post('/api-keys/verify', { key: user.key }, { key: null })).status).toBe(401);
  });

  describe('answers 200 and tells nothing but the code', () => {
    it.each<[string, string, (key: string) => string]>([
      ['nothing at all', 'api_key.malformed', () => ''],
      ['fifteen characters', 'api_key.malformed', () => 'fifteen-letters'],
      ['513 characters', 'api_key.malformed', () => 'x'.repeat(513)],
      ['ten thousand characters', 'api_key.malformed', () => 'x'.repeat(10_000)],
      ['what is not printable', 'api_key.malformed', () => 'sixteen letters\n!'],
      ['a wrong checksum', 'api_key.malformed', (key) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')],
      ['an unknown id', 'api_key.invalid', (key) => forged(key, { id: '01900000-0000-7000-8000-000000000000' })],
      ['a wrong secret of a known key', 'api_key.invalid', (key) => forged(key, { secret: '0'.repeat(43) })],
      ['an unknown legacy key', 'api_key.invalid', () => 'a legacy key that nobody has'],
    ])('for %s: %s', async (_, code, of) => {
      const { status, body } = await verify(of(user.key));
      expect(status).toBe(200);
      expect(body).toMatchObject({ ...silent, code, detail: expect.any(String) });
    });

    it.each(['revoked_at = now()', "expires_at = now() - interval '1 s'", 'disabled_at = now()'])(
      'for a wrong secret of a key with %s: api_key.invalid',
      async (state) => {
        const { id, key } = await issue();
        await app.sql(`update api_keys set ${state} where id = $1`, [id]);
        expect((await verify(forged(key, { secret: '0'.repeat(43) }))).body).toMatchObject({
          ...silent,
          code: 'api_key.invalid',
        });
      },
    );
  });

  describe('answers 200 with the code and the key', () => {
    it.each([
      ['revoked_at = now()', 'api_key.revoked'],
      ["expires_at = now() - interval '1 s'", 'api_key.expired'],
      ['disabled_at = now()', 'api_key.disabled'],
      ["environment = 'live', allowed_addresses = '{192.0.2.7}'", 'api_key.address_not_allowed'],
    ])('for a key with %s: %s', async (state, code) => {
      const { id, key } = await issue();
      await app.sql(`update api_keys set ${state} where id = $1`, [id]);
      const { status, body } = await verify(key);
      expect([status, body]).toMatchObject([200, { valid: false, code, keyId: id, ownerId: user.id }]);
    });

    it('for a key of another environment than this instance serves: api_key.environment_mismatch', async () => {
      const { id, key } = await issue({ environment: 'dev' });
      expect((await verify(key)).body).toMatchObject({ valid: false, code: 'api_key.environment_mismatch', keyId: id });
    });

    it('for a key of a locked account, with why: account.locked', async () => {
      const other = await app.user();
      await app.post(`/admin/users/${other.id}/lock`, { reason: 'under investigation' });
      expect((await verify(other.key)).body).toMatchObject({
        code: 'account.locked',
        detail: expect.stringContaining('under investigation'),
      });
    });

    it('for a key of a suspended organization: organization.suspended', async () => {
      const organizationId = '01900000-0000-7000-8000-0000000000ab';
      await app.sql("insert into organizations (id, slug, name, suspended_at) values ($1, 'off', 'Off', now())", [
        organizationId,
      ]);
      const other = await app.user({ organizationId });
      expect((await verify(other.key)).body).toMatchObject({ code: 'organization.suspended', keyId: other.keyId });
    });

    it('for a key that lacks a permission asked for, with those that it lacks: permission.missing', async () => {
      const { key } = await issue({ permissions: ['api-keys:read'] });
      expect((await verify(key, { permissions: ['api-keys:read'] })).body).toMatchObject({ valid: true, missing: [] });
      expect((await verify(key, { permissions: ['api-keys:read', 'users:read', 'users:*', '*'] })).body).toMatchObject({
        valid: false,
        code: 'permission.missing',
        missing: ['users:read', 'users:*', '*'],
      });
    });
  });

  it('matches permissions that only the service knows against the grants, wildcards included', async () => {
    const { body: key } = await app.post('/api-keys', { name: 'all', permissions: ['*'] });
    expect((await verify(key.key, { permissions: ['invoices:send'] })).body.valid).toBe(true);
    expect((await verify(user.key, { permissions: ['invoices:send'] })).body.code).toBe('permission.missing');
  });

  it('judges the address that is given, in any notation', async () => {
    const { key } = await issue({ allowedAddresses: ['192.0.2.0/24', '2001:db8::/32'] });
    for (const address of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::1'])
      expect((await verify(key, { address })).body.valid).toBe(true);
    for (const address of ['192.0.3.9', '2001:db9::1']) {
      expect((await verify(key, { address })).body.code).toBe('api_key.address_not_allowed');
    }
    expect((await verify(key)).body.code).toBe('api_key.address_not_allowed');
  });

  it('consumes the limits of the key as a call with it would', async () => {
    const limited = await issue({ rateLimit: { limit: 2, windowSeconds: 60 } });
    const codes = [];
    for (let calls = 0; calls < 3; calls++) codes.push((await verify(limited.key)).body.code);
    expect(codes).toEqual(['valid', 'valid', 'rate_limit.api_key']);
    expect((await app.get('/api-keys/current', { key: limited.key })).body.code).toBe('rate_limit.api_key');
    const metered = await issue({ quota: { limit: 1, period: 'day' } });
    expect([(await verify(metered.key)).body.code, (await verify(metered.key)).body.code]).toEqual([
      'valid',
      'quota.exhausted',
    ]);
  });

  it('consumes nothing when the key may not be used anyway', async () => {
    const { key } = await issue({ permissions: [], quota: { limit: 1, period: 'total' } });
    await verify(key, { permissions: ['users:read'] });
    await verify(key, { permissions: ['users:read'] });
    expect((await verify(key)).body.code).toBe('valid');
  });

  it('counts as a use of the key', async () => {
    const { id, key } = await issue();
    expect((await app.get(`/admin/api-keys/${id}`)).body.lastUsedAt).toBeNull();
    await verify(key);
    expect((await app.get(`/admin/api-keys/${id}`)).body.lastUsedAt).not.toBeNull();
  });

  describe('is heard of, as an attempt at the door of the service', () => {
    const wrong = (key: string): string => forged(key, { secret: '0'.repeat(43) });
    const eventsOf = (keyId: string): Promise<Answer['body'][]> =>
      eventually(async () => {
        const { items } = (await app.get(`/admin/security/events?keyId=${keyId}`)).body;
        expect(items).not.toEqual([]);
        return items;
      }, 5000);
    const newService = async (): Promise<{ id: string; key: string }> =>
      (await app.post('/api-keys', { name: 'door', permissions: ['api-keys:verify'] })).body;

    it('raises events for many guesses at one key and at one service, which stays served', async () => {
      const victim = await issue();
      const { id, key: door } = await newService();
      for (let at = 0; at <= GUESSES; at++) await verify(wrong(victim.key), { address: `192.0.2.${at}` }, door);
      expect(await eventsOf(victim.id)).toMatchObject([
        { detector: 'brute-force', severity: 'high', keyId: victim.id, userId: user.id, address: `192.0.2.${GUESSES}` },
      ]);
      expect(await eventsOf(id)).toMatchObject([
        { detector: 'brute-force', severity: 'medium', title: 'Many wrong keys at one service', keyId: id },
      ]);
      expect((await verify(victim.key, {}, door)).body.valid).toBe(true);
    });

    it('is not laid at the address that the service calls from', async () => {
      const unheard = await app.sql("select from security_events where subject = 'address 127.0.0.1'");
      expect(unheard).toEqual([]);
    });

    it('is counted by its true reason with those refused here', async () => {
      const before = app.app.get(AttemptMonitor).counts()['api_key.invalid: wrong secret'] ?? 0;
      await verify(wrong(user.key));
      expect(app.app.get(AttemptMonitor).counts()['api_key.invalid: wrong secret']).toBe(before + 1);
    });

    it('is no guess at a key whose secret is right, but which the service may not see', async () => {
      const organizationId = '01900000-0000-7000-8000-0000000000ad';
      await app.sql("insert into organizations (id, slug, name) values ($1, 'far', 'Far')", [organizationId]);
      await app.sql("insert into roles (id, name, grants) values (gen_random_uuid(), 'door', '{api-keys:verify}')");
      const far = await app.user({ organizationId });
      const door = await app.user({ roles: ['door'], permissions: ['api-keys:verify'] });
      for (let at = 0; at <= GUESSES; at++) await verify(far.key, {}, door.key);
      await eventsOf(door.keyId);
      expect((await app.get(`/admin/security/events?keyId=${far.keyId}`)).body.items).toEqual([]);
    });

    it('has one usage record, the one of the call that asked, with the reason and the key where it was proved', async () => {
      const { id, key } = await issue();
      const { id: doorId, key: door } = await newService();
      await verify(key, {}, door);
      await verify(wrong(key), {}, door);
      await app.delete(`/admin/api-keys/${id}`);
      await verify(key, {}, door);
      const rows = await app.sql(
        'select status_code, problem_code, refusal from api_usage where api_key_id = $1 order by occurred_at',
        [doorId],
      );
      expect(rows).toEqual(
        [null, 'judged: api_key.invalid: wrong secret', `judged ${id}: api_key.revoked`].map((refusal) => ({
          status_code: 200,
          problem_code: null,
          refusal,
        })),
      );
      expect(await app.sql('select from api_usage where api_key_id = $1', [id])).toEqual([]);
    });
  });

  it('knows of a revocation at once', async () => {
    const { id, key } = await issue();
    expect((await verify(key)).body.valid).toBe(true);
    await app.delete(`/admin/api-keys/${id}`);
    expect((await verify(key)).body.code).toBe('api_key.revoked');
  });

  it('judges legacy keys too', async () => {
    const other = await app.user();
    const digest = createHash('sha256').update('legacy to be verified').digest('hex');
    await app.sql('update users set api_key_hash = $2 where id = $1', [other.id, digest]);
    await eventually(async () =>
      expect((await verify('legacy to be verified')).body).toMatchObject({
        valid: true,
        keyId: null,
        ownerId: other.id,
      }),
    );
  });

  it('costs no query for garbage, nor for a key that it has just judged', async () => {
    await app.sql('update users set api_key_hash = null where api_key_hash is not null');
    const { key } = await issue();
    await verify(key);
    await eventually(async () => {
      await verify(key);
      const queries = jest.spyOn(app.app.get(PreparedSql), 'rows');
      for (const credential of ['short', 'x'.repeat(600), `${key}x`, 'a legacy key of nobody', key])
        await verify(credential);
      const { length } = queries.mock.calls;
      queries.mockRestore();
      expect(length).toBe(0);
    });
  });

  it('answers for a key of an organization that the service does not belong to as for one that does not exist', async () => {
    const organizationId = '01900000-0000-7000-8000-0000000000ac';
    await app.sql("insert into organizations (id, slug, name) values ($1, 'theirs', 'Theirs')", [organizationId]);
    const theirs = await app.user({ organizationId });
    await app.sql("insert into roles (id, name, grants) values (gen_random_uuid(), 'verifier', '{api-keys:verify}')");
    const verifier = await app.user({ roles: ['verifier'], permissions: ['api-keys:verify'] });
    expect((await verify(user.key, {}, verifier.key)).body.valid).toBe(true);
    const foreign = await verify(theirs.key, {}, verifier.key);
    const unknown = await verify(forged(theirs.key, { id: '01900000-0000-7000-8000-000000000001' }), {}, verifier.key);
    expect(foreign.status).toBe(200);
    expect(foreign.body).toEqual(unknown.body);
    await app.delete(`/admin/api-keys/${theirs.keyId}`);
    expect((await verify(theirs.key, {}, verifier.key)).body).toEqual(unknown.body);
  });

  it.each([
    {},
    { key: 1 },
    { key: null },
    { key: ['x'] },
    { key: 'x', permissions: 'users:read' },
    { key: 'x', address: 'nowhere' },
    { key: 'x', more: 1 },
  ])('refuses %p with 400: that is no question', async (body) => {
    const answer = await app.post('/api-keys/verify', body, { key: service });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });
});
