import { createHash } from 'node:crypto';
import { PreparedSql } from '#libs/database';
import { eventually } from '../support/eventually.js';
import { checksumOf, forged, tailOf } from '../support/key-form.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status, type: expect.stringContaining(code), instance: expect.any(String) });
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
}

describe('a call with a credential', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
    user = await app.user();
  });
  afterAll(() => app.close());

  const as = (key: string | null, headers: Record<string, string> = {}): Promise<Answer> =>
    app.get('/api-keys/current', { key, headers });
  /** A fresh key of `user`, changed by `changes` to its row afterwards. */
  const aKey = async (request: object = {}, changes?: string): Promise<{ id: string; key: string }> => {
    const { status, body } = await app.post(`/admin/users/${user.id}/api-keys`, { name: 'test', ...request });
    expect(status).toBe(201);
    if (changes !== undefined) await app.sql(`update api_keys set ${changes} where id = $1`, [body.id]);
    return body;
  };

  describe('is refused with 401 credential.missing', () => {
    it('and the bare challenge when nothing was sent', async () => {
      const answer = await as(null);
      expectProblem(answer, 401, 'credential.missing');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="keyward"');
    });

    it.each([
      ['an empty X-API-Key', { 'x-api-key': '' }],
      ['another scheme of Authorization', { authorization: 'Basic dXNlcjpwYXNzd29yZA==' }],
      ['a Bearer scheme without a token', { authorization: 'Bearer' }],
    ])('when %s was sent', async (_, headers) => {
      expectProblem(await as(null, headers), 401, 'credential.missing');
    });
  });

  describe('is refused with 401 api_key.malformed and a challenge', () => {
    const malformed: [string, (key: string) => string][] = [
      ['is shorter than 16 characters', () => 'fifteen-letters'],
      ['is longer than 512 characters', () => 'x'.repeat(513)],
      ['holds a character that is not printable', () => `sixteen-and-more\u00ff`],
      ['has a wrong checksum', (key) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')],
      [
        'has one wrong character in its secret',
        (key) => key.slice(0, -20) + (key.at(-20) === 'a' ? 'b' : 'a') + key.slice(-19),
      ],
      ['lost its last character', (key) => key.slice(0, -1)],
      ['gained a character', (key) => `${key}0`],
      ['begins with the prefix and has no environment', (key) => key.replace(/^kw_[a-z]+_/, 'kw_')],
      ['is only the prefix', () => 'kw_'],
      ['is the shown start of a key', (key) => key.slice(0, key.lastIndexOf('_'))],
      ['carries a checksum over something else than a key', () => `kw_live_x_y${checksumOf('kw_live_x_y')}`],
    ];
    it.each(malformed)('when it %s', async (_, spoil) => {
      const answer = await as(spoil(user.key));
      expectProblem(answer, 401, 'api_key.malformed');
      expect(answer.body).toMatchObject({ detail: expect.stringContaining('missing, added or changed') });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyward", error="invalid_token"/);
    });
  });

  describe('is refused with 401 api_key.invalid', () => {
    const unknownId = '01900000-0000-7000-8000-000000000000';
    it.each<[string, (key: string) => string]>([
      ['an id that nobody has', (key) => forged(key, { id: unknownId })],
      ['an id that is no UUID', (key) => forged(key, { id: 'somebody' })],
      ['a known id and another secret', (key) => forged(key, { secret: '0'.repeat(43) })],
      ['a known id in capitals and its own secret', (key) => forged(key, { id: key.split('_')[2]?.toUpperCase() })],
      ['a known id in another environment', (key) => forged(key, { environment: 'dev' })],
      ['the form of a legacy key, where there are none', () => 'a legacy key that nobody has'],
    ])('for %s', async (_, forge) => {
      const answer = await as(forge(user.key));
      expectProblem(answer, 401, 'api_key.invalid');
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    });

    it('in the very same words for an unknown id and for a wrong secret', async () => {
      const [unknown, wrong] = [
        await as(forged(user.key, { id: unknownId })),
        await as(forged(user.key, { secret: '1'.repeat(43) })),
      ];
      expect(essence(wrong)).toEqual(essence(unknown));
    });

    it.each(['revoked_at = now()', "expires_at = now() - interval '1 second'", 'disabled_at = now()'])(
      'for a wrong secret of a key with %s: its state is told to nobody without the secret',
      async (state) => {
        const { key } = await aKey({}, state);
        expect(essence(await as(forged(key, { secret: '2'.repeat(43) })))).toEqual(
          essence(await as(forged(user.key, { id: unknownId }))),
        );
      },
    );
  });

  describe('tells whoever has the secret', () => {
    it.each([
      ['revoked_at = now()', 'api_key.revoked'],
      ["expires_at = now() - interval '1 millisecond'", 'api_key.expired'],
      ['disabled_at = now()', 'api_key.disabled'],
    ])('that the key has %s: 401 %s', async (state, code) => {
      const { key } = await aKey({}, state);
      const answer = await as(key);
      expectProblem(answer, 401, code);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    });

    it('that the account is locked, why and until when: 403 account.locked', async () => {
      const { id, key } = await app.user();
      const until = new Date(Date.now() + 3_600_000).toISOString();
      expect((await app.post(`/admin/users/${id}/lock`, { reason: 'left the company', until })).status).toBe(200);
      const answer = await as(key);
      expectProblem(answer, 403, 'account.locked');
      expect(answer.body).toMatchObject({ reason: 'left the company', until });
      expect((await app.post(`/admin/users/${id}/unlock`)).status).toBe(200);
      expect((await as(key)).status).toBe(200);
    });

    it('nothing any more once a lock has ended by itself', async () => {
      const { id, key } = await app.user();
      await app.post(`/admin/users/${id}/lock`, { reason: 'an hour off', until: new Date(Date.now() + 3_600_000) });
      expectProblem(await as(key), 403, 'account.locked');
      await app.sql("update users set locked_until = now() - interval '1 second' where id = $1", [id]);
      await eventually(async () => expect((await as(key)).status).toBe(200));
    });

    it('that the organization is suspended: 403 organization.suspended', async () => {
      const organizationId = '01900000-0000-7000-8000-0000000000aa';
      await app.sql("insert into organizations (id, slug, name) values ($1, 'suspended', 'Suspended')", [
        organizationId,
      ]);
      const { key } = await app.user({ organizationId });
      expect((await as(key)).status).toBe(200);
      await app.sql('update organizations set suspended_at = now() where id = $1', [organizationId]);
      await eventually(async () => expectProblem(await as(key), 403, 'organization.suspended'));
      await app.sql('update organizations set suspended_at = null where id = $1', [organizationId]);
      await eventually(async () => expect((await as(key)).status).toBe(200));
    });

    it('that the owner was deleted: 401 api_key.revoked', async () => {
      const { id, key } = await app.user();
      expect((await app.delete(`/admin/users/${id}`)).status).toBe(204);
      expectProblem(await as(key), 401, 'api_key.revoked');
    });

    it('that a permission is missing, with what is required and what of it is missing: 403 permission.missing', async () => {
      const { key } = await aKey({ permissions: [] });
      const answer = await app.get('/api-keys', { key });
      expectProblem(answer, 403, 'permission.missing');
      expect(answer.body).toMatchObject({ required: ['api-keys:read'], missing: ['api-keys:read'] });
      expect(answer.headers.get('www-authenticate')).toBeNull();
    });
  });

  describe('from an address', () => {
    const from = (key: string, forwardedFor: string): Promise<Answer> => as(key, { 'x-forwarded-for': forwardedFor });

    it.each([
      [
        'an IPv4 address',
        '192.0.2.7',
        ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207'],
        ['192.0.2.8', '2001:db8::7'],
      ],
      [
        'an IPv4 range',
        '192.0.2.0/25',
        ['192.0.2.0', '192.0.2.127', '::ffff:192.0.2.1'],
        ['192.0.2.128', '192.0.1.255'],
      ],
      ['an IPv6 address', '2001:db8::7', ['2001:db8::7', '2001:DB8:0:0:0:0:0:7'], ['2001:db8::8', '192.0.2.7']],
      ['an IPv6 range', '2001:db8:1::/48', ['2001:db8:1::', '2001:db8:1:ffff::1'], ['2001:db8:2::', '10.1.1.1']],
      ['a v4-mapped address', '::ffff:192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.8']],
      ['a v4-mapped range', '::ffff:192.0.2.0/120', ['192.0.2.200'], ['192.0.3.1', '2001:db8::1']],
    ])('is served within %s of the allow list and refused with 403 outside it', async (_, range, inside, outside) => {
      const { key } = await aKey({ allowedAddresses: [range] });
      for (const address of inside) expect([address, (await from(key, address)).status]).toEqual([address, 200]);
      for (const address of outside) expectProblem(await from(key, address), 403, 'api_key.address_not_allowed');
    });

    it('is judged by the rightmost address that is no trusted proxy: what a client wrote before it is not believed', async () => {
      const { key } = await aKey({ allowedAddresses: ['192.0.2.7'] });
      expectProblem(await from(key, '192.0.2.7, 198.51.100.1'), 403, 'api_key.address_not_allowed');
      expectProblem(await from(key, '192.0.2.7, 198.51.100.1, 10.0.0.3'), 403, 'api_key.address_not_allowed');
      expect((await from(key, '198.51.100.1, 192.0.2.7, 10.0.0.3')).status).toBe(200);
    });

    it('is refused from the address of the proxy itself when nothing was forwarded', async () => {
      const { key } = await aKey({ allowedAddresses: ['192.0.2.7'] });
      expectProblem(await as(key), 403, 'api_key.address_not_allowed');
    });
  });

  describe('may be sent', () => {
    it.each(['Bearer', 'bearer', 'BEARER'])('as Authorization: %s', async (scheme) => {
      expect((await as(null, { authorization: `${scheme} ${user.key}` })).status).toBe(200);
    });

    it('in both headers when they agree', async () => {
      expect((await as(user.key, { authorization: `Bearer ${user.key}` })).status).toBe(200);
    });

    it('not in both headers when they differ: 400 request.ambiguous_credential', async () => {
      expectProblem(
        await as(user.key, { authorization: `Bearer ${app.adminKey}` }),
        400,
        'request.ambiguous_credential',
      );
    });
  });

  describe('has an X-Request-Id', () => {
    it.each(['12345678', 'A.b_c-9'.padEnd(128, 'x')])(
      'which is taken from the client when it is acceptable',
      async (id) => {
        expect((await as(user.key, { 'x-request-id': id })).headers.get('x-request-id')).toBe(id);
        const refused = await as(null, { 'x-request-id': id });
        expect([refused.headers.get('x-request-id'), refused.body.requestId]).toEqual([id, id]);
      },
    );

    it.each(['1234567', 'x'.repeat(129), 'has a space', 'semi;colon', '<script>1'])('which replaces %p', async (id) => {
      const answered = (await as(user.key, { 'x-request-id': id })).headers.get('x-request-id');
      expect(answered).toMatch(/^[A-Za-z0-9._-]{8,128}$/);
      expect(answered).not.toBe(id);
    });
  });

  describe('costs', () => {
    let queries: jest.SpyInstance;
    beforeEach(() => {
      queries = jest.spyOn(app.app.get(PreparedSql), 'rows');
    });
    afterEach(() => queries.mockRestore());

    it('no query when it is garbage or its checksum is wrong', async () => {
      const wrong = `${user.key.slice(0, -1)}${user.key.endsWith('0') ? '1' : '0'}`;
      for (const key of [
        'short',
        'x'.repeat(600),
        wrong,
        'kw_live_nonsense',
        'of the legacy form, without any such key',
      ]) {
        expect((await as(key)).status).toBe(401);
      }
      expect(queries).not.toHaveBeenCalled();
    });

    it('one query at its first verification and none at those that follow at once', async () => {
      const { key } = await aKey();
      const statuses = [];
      for (let call = 0; call < 10; call++) statuses.push((await app.get('/admin/users', { key })).status);
      expect(statuses).toEqual(Array.from({ length: 10 }, () => 403));
      expect(queries.mock.calls.length).toBeLessThanOrEqual(2); // a second one if the machine took over 900 ms
    });

    it('one query between them for calls that arrive together', async () => {
      const { key } = await aKey();
      const answers = await Promise.all(Array.from({ length: 20 }, () => app.get('/admin/users', { key })));
      expect(answers.every(({ status }) => status === 403)).toBe(true);
      expect(queries.mock.calls.length).toBeLessThanOrEqual(2);
    });
  });

  it('never shows a credential in the log or in the usage records', async () => {
    const { key } = await aKey();
    await as(key);
    await as(forged(key, { secret: '3'.repeat(43) }));
    const secret = tailOf(key);
    expect(app.logger.lines.filter((line) => line.includes(secret) || line.includes('3'.repeat(43)))).toEqual([]);
    const digest = createHash('sha256').update(key).digest('hex');
    const usage = await app.sql<{ row: string }>('select u::text as row from api_usage u');
    expect(usage.filter(({ row }) => row.includes(secret) || row.includes(digest))).toEqual([]);
  });
});

describe('an instance that serves one environment', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_ENVIRONMENT: 'staging' });
  });
  afterAll(() => app.close());

  it('accepts keys of its own, which it issues by default', async () => {
    const { body } = await app.post('/api-keys', { name: 'of here' });
    expect(body.environment).toBe('staging');
    expect((await app.get('/api-keys/current', { key: body.key })).status).toBe(200);
  });

  it('refuses keys of others with 401 api_key.environment_mismatch', async () => {
    const { body } = await app.post('/api-keys', { name: 'of elsewhere', environment: 'live' });
    expectProblem(await app.get('/api-keys/current', { key: body.key }), 401, 'api_key.environment_mismatch');
  });

  it('tells that to nobody without the secret', async () => {
    const { body } = await app.post('/api-keys', { name: 'of elsewhere', environment: 'dev' });
    const answer = await app.get('/api-keys/current', { key: forged(body.key, { secret: '4'.repeat(43) }) });
    expectProblem(answer, 401, 'api_key.invalid');
  });
});

describe('an installation with a prefix and environments of its own', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_KEY_PREFIX: 'acme', KEYWARD_ENVIRONMENTS: 'prod,qa' });
  });
  afterAll(() => app.close());

  it('issues keys of that form, for the first environment unless told otherwise', async () => {
    expect(app.adminKey).toMatch(/^acme_prod_/);
    expect((await app.post('/api-keys', { name: 'x', environment: 'qa' })).body.key).toMatch(/^acme_qa_/);
    const refused = await app.post('/api-keys', { name: 'x', environment: 'live' });
    expect([refused.status, refused.body.errors[0].detail]).toEqual([400, 'must be one of prod, qa']);
  });

  it('judges by that form what begins with the prefix, and anything else as a legacy key', async () => {
    expectProblem(await app.get('/profile', { key: 'acme_prod_something else' }), 401, 'api_key.malformed');
    expectProblem(await app.get('/profile', { key: 'kw_live_something else' }), 401, 'api_key.invalid');
  });
});

describe('a thousand wrong guesses', () => {
  it('lock nobody out: the holder of the right key is served meanwhile and afterwards', async () => {
    const app = await startTestApp();
    try {
      const { key } = await app.user();
      const use = (credential: string): Promise<Answer> => app.get('/api-keys/current', { key: credential });
      for (let round = 0; round < 10; round++) {
        const guesses = Array.from({ length: 100 }, (_, guess) =>
          use(forged(key, { secret: `${round * 100 + guess}`.padStart(43, '0') })),
        );
        expect((await use(key)).status).toBe(200);
        for (const { status, body } of await Promise.all(guesses))
          expect([status, body.code]).toEqual([401, 'api_key.invalid']);
      }
      expect((await use(key)).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});

/** What a client sees of an answer, without what differs between any two. */
function essence({ status, headers, body }: Answer): object {
  const { requestId, ...rest } = body;
  const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status, headers: Object.fromEntries(kept), body: rest };
}
