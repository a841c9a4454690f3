import { randomUUID } from 'node:crypto';
import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';
import { comparable, customRole, organization } from '../support/tenants.js';

const DAY_MS = 86_400_000;

describe('administration of users', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const created = async (body: object): Promise<any> => {
    const answer = await app.post('/admin/users', body);
    expect(answer.status).toBe(201);
    return answer.body;
  };

  describe('creating', () => {
    it('answers 201 with the user, its Location and its ETag', async () => {
      const answer = await app.post('/admin/users', { email: 'ada@example.com', name: 'Ada', subscriptionTier: 'pro' });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        email: 'ada@example.com',
        name: 'Ada',
        organizationId: '00000000-0000-7000-8000-000000000000',
        subscriptionTier: 'pro',
        roles: ['user'],
        status: 'active',
        lock: null,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      });
      expect(answer.headers.get('location')).toBe(`/api/v1/admin/users/${answer.body.id}`);
      expect(answer.headers.get('etag')).toMatch(/^"1-/);
      const read = await app.get(`/admin/users/${answer.body.id}`);
      expect([read.status, read.body, read.headers.get('etag')]).toEqual([
        200,
        answer.body,
        answer.headers.get('etag'),
      ]);
    });

    it('takes letters for the same however their accents are encoded (Unicode NFC)', async () => {
      const first = await app.post('/admin/users', { email: 'rene\u0301@example.com' });
      expect([first.status, first.body.email]).toEqual([201, 'ren\u00e9@example.com']);
      expect((await app.post('/admin/users', { email: 'ren\u00e9@example.com' })).body.code).toBe('user.email_taken');
    });

    it('refuses an e-mail address that differs from a taken one in case alone with 409 user.email_taken', async () => {
      await created({ email: 'grace@example.com' });
      const answer = await app.post('/admin/users', { email: 'GRACE@Example.com' });
      expect([answer.status, answer.body.code]).toEqual([409, 'user.email_taken']);
    });

    it('takes one of 20 simultaneous users with the same address and refuses 19', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          app.post('/admin/users', { email: index % 2 ? 'Race@example.com' : 'race@example.com' }),
        ),
      );
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    });

    it.each([
      [{}, '/email'],
      [{ email: 'nobody' }, '/email'],
      [{ email: null }, '/email'],
      [{ email: ['a@example.com'] }, '/email'],
      [{ email: `${'a'.repeat(250)}@example.com` }, '/email'],
      [{ email: 'b@example.com', name: '' }, '/name'],
      [{ email: 'b@example.com', name: 7 }, '/name'],
      [{ email: 'b@example.com', subscriptionTier: 'gold' }, '/subscriptionTier'],
      [{ email: 'b@example.com', subscriptionTier: null }, '/subscriptionTier'],
      [{ email: 'b@example.com', roles: 'admin' }, '/roles'],
      [{ email: 'b@example.com', roles: [7] }, '/roles'],
      [{ email: 'b@example.com', organizationId: 'x' }, '/organizationId'],
      [{ email: 'b@example.com', organizationId: randomUUID() }, '/organizationId'],
      [{ email: 'b@example.com', isAdmin: true }, '/isAdmin'],
    ])('refuses %j with 400 request.invalid that points to %s', async (body, pointer) => {
      const answer = await app.post('/admin/users', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
      expect(answer.body.errors).toEqual(expect.arrayContaining([{ pointer, detail: expect.any(String) }]));
    });

    it('refuses a role that does not exist with 400 role.unknown and creates nobody', async () => {
      const answer = await app.post('/admin/users', { email: 'nobody@example.com', roles: ['user', 'wizard'] });
      expect([answer.status, answer.body.code]).toEqual([400, 'role.unknown']);
      expect(await app.sql('select from users where email = $1', ['nobody@example.com'])).toHaveLength(0);
    });
  });

  describe('listing', () => {
    let emails: string[];
    beforeAll(async () => {
      emails = Array.from({ length: 25 }, (_, index) => `list${String(index).padStart(2, '0')}@list.example.com`);
      for (const [index, email] of emails.entries())
        await created({ email, name: index === 7 ? '100% under_score' : null });
    });
    const emailsOf = (answer: Answer): string[] => answer.body.items.map(({ email }: { email: string }) => email);

    it('shows 20 at first, newest first, and leads to the rest by next', async () => {
      const first = await app.get('/admin/users?search=@list.example');
      expect(first.status).toBe(200);
      expect(emailsOf(first)).toEqual(emails.toReversed().slice(0, 20));
      const second = await app.get(`/admin/users?search=@list.example&after=${first.body.next}`);
      expect(emailsOf(second)).toEqual(emails.toReversed().slice(20));
      expect(second.body.next).toBeNull();
    });

    it.each([
      ['createdAt', (all: string[]) => all],
      ['-createdAt', (all: string[]) => all.toReversed()],
      ['email', (all: string[]) => all],
      ['-email', (all: string[]) => all.toReversed()],
    ])('shows each once in the order of sort=%s over pages of 7', async (sort, ordered) => {
      const seen: string[] = [];
      for (let after: string | null = ''; after !== null;) {
        const page: Answer = await app.get(
          `/admin/users?search=list.example&limit=7&sort=${sort}${after && `&after=${after}`}`,
        );
        expect(page.status).toBe(200);
        seen.push(...emailsOf(page));
        after = page.body.next;
      }
      expect(seen).toEqual(ordered(emails));
    });

    it('neither repeats nor loses anybody when somebody is added between two pages', async () => {
      const first = await app.get('/admin/users?search=list.example&limit=10');
      await created({ email: 'late@list.example.com' });
      const second = await app.get(`/admin/users?search=list.example&limit=20&after=${first.body.next}`);
      expect([...emailsOf(first), ...emailsOf(second)]).toEqual(emails.toReversed());
    });

    it('finds parts of address and name in any case, and takes wildcards of SQL literally', async () => {
      expect(emailsOf(await app.get('/admin/users?search=LIST03'))).toEqual([emails[3]]);
      expect(emailsOf(await app.get('/admin/users?search=UNDER_sc'))).toEqual([emails[7]]);
      expect(emailsOf(await app.get('/admin/users?search=100%25'))).toEqual([emails[7]]);
      expect(emailsOf(await app.get('/admin/users?search=%25%25'))).toEqual([]);
      expect(emailsOf(await app.get('/admin/users?search=%5C'))).toEqual([]);
    });

    it('filters by role, status and tier', async () => {
      const locked = await created({ email: 'locked@filter.example.com', subscriptionTier: 'enterprise' });
      await app.post(`/admin/users/${locked.id}/lock`, { reason: 'filter' });
      expect(emailsOf(await app.get('/admin/users?role=admin'))).toEqual(['admin@example.com']);
      expect(emailsOf(await app.get('/admin/users?status=locked'))).toEqual(['locked@filter.example.com']);
      expect(emailsOf(await app.get('/admin/users?subscriptionTier=enterprise'))).toEqual([
        'locked@filter.example.com',
      ]);
      expect(emailsOf(await app.get('/admin/users?status=active&search=filter.example'))).toEqual([]);
    });

    it.each([
      'limit=0',
      'limit=101',
      'limit=x',
      'limit=',
      'limit=1.5',
      'limit=5&limit=6',
      'sort=name',
      'status=gone',
      'search=',
      'search=a&search=b',
      'page=2',
      'constructor=1',
      '__proto__=1',
      'search=%00',
    ])('refuses ?%s with 400', async (query) => {
      const answer = await app.get(`/admin/users?${query}`);
      expect(answer.status).toBe(400);
    });

    it('refuses a cursor that was altered, invented or made by another list with 400 request.invalid_cursor', async () => {
      const { next } = (await app.get('/admin/users?limit=1')).body;
      const other = (await app.get('/admin/users?limit=1&sort=email')).body.next;
      const logs = (await app.get('/admin/logs?limit=1')).body.next;
      const flipped = (next[0] === 'A' ? 'B' : 'A') + next.slice(1);
      for (const cursor of [flipped, next.slice(0, -4), `${next}AAAA`, 'AAAA', '%F0%9F%92%A9', other, logs]) {
        const answer = await app.get(`/admin/users?after=${cursor}`);
        expect([cursor, answer.status, answer.body.code]).toEqual([cursor, 400, 'request.invalid_cursor']);
      }
    });
  });

  describe('changing', () => {
    it('keeps what is absent, clears what is null, and changes the ETag', async () => {
      const { id } = await created({ email: 'change@example.com', name: 'Before', subscriptionTier: 'pro' });
      const renamed = await app.patch(`/admin/users/${id}`, { name: 'After' });
      expect([renamed.status, renamed.body.name, renamed.body.subscriptionTier]).toEqual([200, 'After', 'pro']);
      expect(renamed.headers.get('etag')).toMatch(/^"2-/);
      const cleared = await app.patch(`/admin/users/${id}`, { name: null });
      expect(cleared.headers.get('etag')).not.toBe(renamed.headers.get('etag'));
      expect([cleared.body.name, cleared.body.email]).toEqual([null, 'change@example.com']);
      expect((await app.get(`/admin/users/${id}`)).body).toEqual(cleared.body);
    });

    it('refuses an address that is taken with 409, and takes one’s own in another case', async () => {
      const { id } = await created({ email: 'mine@example.com' });
      expect((await app.patch(`/admin/users/${id}`, { email: 'ADMIN@example.com' })).body.code).toBe(
        'user.email_taken',
      );
      expect((await app.patch(`/admin/users/${id}`, { email: 'Mine@example.com' })).body.email).toBe(
        'Mine@example.com',
      );
    });

    it.each([
      { roles: ['admin'] },
      { organizationId: randomUUID() },
      { lockedAt: null },
      { id: randomUUID() },
      { email: null },
      { apiKeyHash: 'a'.repeat(64) },
    ])('refuses %j with 400: it is not changed this way', async (body) => {
      const { id } = await created({ email: `${randomUUID()}@example.com` });
      const answer = await app.patch(`/admin/users/${id}`, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    });

    it.each(['x', '1', '01900000-0000-7000-8000-00000000000', '%20'])('refuses the id %s with 400', async (id) => {
      expect((await app.get(`/admin/users/${id}`)).status).toBe(400);
    });
  });

  describe('deleting', () => {
    it('answers 204, refuses every key of the user at once, hides the user and frees the address', async () => {
      const user = await app.user();
      const second = (await app.post(`/admin/users/${user.id}/api-keys`, { name: 'second' })).body.key;
      expect((await app.get('/profile', { key: user.key })).status).toBe(200);
      const answer = await app.delete(`/admin/users/${user.id}`);
      expect([answer.status, answer.text]).toEqual([204, '']);
      for (const key of [user.key, second])
        expect((await app.get('/profile', { key })).body.code).toBe('api_key.revoked');
      expect((await app.get(`/admin/users/${user.id}`)).status).toBe(404);
      expect((await app.get(`/admin/users?search=${user.email}`)).body.items).toEqual([]);
      expect((await app.delete(`/admin/users/${user.id}`)).status).toBe(404);
      expect((await app.post('/admin/users', { email: user.email.toUpperCase() })).status).toBe(201);
      const keys = await app.get(`/admin/api-keys?ownerId=${user.id}`);
      expect(keys.body.items.map(({ status }: any) => status)).toEqual(['revoked', 'revoked']);
    });
  });

  describe('locking', () => {
    it('refuses every key of the account at once with the reason and the end, until it is unlocked', async () => {
      const user = await app.user();
      await app.get('/profile', { key: user.key });
      const until = new Date(Date.now() + DAY_MS).toISOString();
      const locked = await app.post(`/admin/users/${user.id}/lock`, { reason: 'unpaid bill', until });
      expect([locked.status, locked.body.status]).toEqual([200, 'locked']);
      expect(locked.body.lock).toEqual({ reason: 'unpaid bill', at: expect.any(String), until });
      const refused = await app.get('/profile', { key: user.key });
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ code: 'account.locked', reason: 'unpaid bill', until });
      const unlocked = await app.post(`/admin/users/${user.id}/unlock`);
      expect([unlocked.status, unlocked.body.status, unlocked.body.lock]).toEqual([200, 'active', null]);
      expect((await app.get('/profile', { key: user.key })).status).toBe(200);
    });

    it('without an end lasts until somebody unlocks the account', async () => {
      const user = await app.user();
      expect((await app.post(`/admin/users/${user.id}/lock`, { reason: 'for good' })).body.lock.until).toBeNull();
      expect((await app.get('/profile', { key: user.key })).body).toMatchObject({
        code: 'account.locked',
        until: null,
      });
    });

    it('ends by itself', async () => {
      const user = await app.user();
      await app.post(`/admin/users/${user.id}/lock`, {
        reason: 'a while',
        until: new Date(Date.now() + DAY_MS).toISOString(),
      });
      await app.sql(`update users set locked_until = now() - interval '1 second' where id = $1`, [user.id]);
      expect((await app.get(`/admin/users/${user.id}`)).body).toMatchObject({ status: 'active', lock: null });
      expect((await app.get('/admin/users?status=locked')).body.items.some(({ id }: any) => id === user.id)).toBe(
        false,
      );
    });

    it.each([
      [{}, '/reason'],
      [{ reason: '' }, '/reason'],
      [{ reason: 'x'.repeat(501) }, '/reason'],
      [{ reason: 'x', until: '2020-01-01T00:00:00Z' }, '/until'],
      [{ reason: 'x', until: 'tomorrow' }, '/until'],
      [{ reason: 'x', until: '2030-W01' }, '/until'],
      [{ reason: 'x', until: '2030-02-30T00:00:00Z' }, '/until'],
      [{ reason: 'x', until: 4_102_444_800 }, '/until'],
      [{ reason: 'x', minutes: 5 }, '/minutes'],
    ])('refuses %j with 400 that points to %s', async (body, pointer) => {
      const user = await app.user();
      const answer = await app.post(`/admin/users/${user.id}/lock`, body);
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer]);
      expect((await app.get('/profile', { key: user.key })).status).toBe(200);
    });
  });

  describe('who manages whom', () => {
    it('only an administrator changes, locks, deletes or demotes an administrator, or makes one', async () => {
      await customRole(app, 'manager', ['users:*', 'permissions:*', 'api-keys:*', 'orders:*', 'profile:*']);
      const manager = await app.user({ roles: ['manager'] });
      const other = await app.user({ roles: ['admin'] });
      const as = { key: manager.key };
      const refusals = [
        await app.patch(`/admin/users/${other.id}`, { email: 'taken-over@example.com' }, as),
        await app.post(`/admin/users/${other.id}/lock`, { reason: 'coup' }, as),
        await app.delete(`/admin/users/${other.id}`, as),
        await app.put(`/admin/users/${other.id}/roles`, { roles: ['user'] }, as),
        await app.put(`/admin/users/${manager.id}/roles`, { roles: ['admin'] }, as),
        await app.post('/admin/users', { email: 'puppet@example.com', roles: ['admin'] }, as),
      ];
      expect(refusals.map(({ status, body }) => [status, body.code])).toEqual(
        refusals.map(() => [403, 'permission.escalation']),
      );
      expect((await app.get(`/admin/users/${other.id}`)).body).toMatchObject({
        email: other.email,
        roles: ['admin'],
        status: 'active',
      });
    });

    it('gives nobody a role that holds more than they do', async () => {
      await customRole(app, 'assigner', ['permissions:assign', 'users:read', 'orders:read']);
      await customRole(app, 'auditor', ['logs:read']);
      const assigner = await app.user({ roles: ['assigner'] });
      const target = await app.user();
      const answer = await app.put(
        `/admin/users/${target.id}/roles`,
        { roles: ['user', 'auditor'] },
        { key: assigner.key },
      );
      expect([answer.status, answer.body.code, answer.body.missing]).toEqual([
        403,
        'permission.escalation',
        ['logs:read'],
      ]);
      expect((await app.get(`/admin/users/${target.id}`)).body.roles).toEqual(['user']);
    });

    it('judges a narrowed key by what it was granted, not by its owner', async () => {
      const narrow = (await app.post('/api-keys', { name: 'narrow', permissions: ['users:*', 'permissions:assign'] }))
        .body.key;
      const target = await app.user();
      expect((await app.put(`/admin/users/${target.id}/roles`, { roles: ['admin'] }, { key: narrow })).body.code).toBe(
        'permission.escalation',
      );
    });

    it('gives new rights and takes old ones with the next call', async () => {
      const user = await app.user();
      expect((await app.get('/admin/logs', { key: user.key })).status).toBe(403);
      await app.put(`/admin/users/${user.id}/roles`, { roles: ['admin'] });
      const admin = (await app.post(`/admin/users/${user.id}/api-keys`, { name: 'all', permissions: ['*'] })).body.key;
      expect((await app.get('/admin/logs', { key: admin })).status).toBe(200);
      await app.put(`/admin/users/${user.id}/roles`, { roles: [] });
      expect((await app.get('/admin/logs', { key: admin })).status).toBe(403);
      expect((await app.get('/profile', { key: admin })).status).toBe(200);
    });

    it.each([[{}], [{ roles: null }], [{ roles: [null] }], [{ roles: ['user'], extra: 1 }]])(
      'refuses the roles %j with 400',
      async (body) => {
        const user = await app.user();
        expect((await app.put(`/admin/users/${user.id}/roles`, body)).status).toBe(400);
      },
    );
  });

  describe('over the border of an organization', () => {
    let local: { key: string; id: string };
    let stranger: { id: string; keyId: string };
    beforeAll(async () => {
      const [ours, theirs] = [await organization(app, 'ours'), await organization(app, 'theirs')];
      await customRole(app, 'local-admin', ['*']);
      local = await app.user({ roles: ['local-admin'], organizationId: ours });
      stranger = await app.user({ organizationId: theirs });
    });

    it('lists only one’s own users', async () => {
      const { items } = (await app.get('/admin/users', { key: local.key })).body;
      expect(items.map(({ id }: any) => id)).toEqual([local.id]);
    });

    it('answers a foreign id exactly as one that never was', async () => {
      const as = { key: local.key };
      const calls: ((id: string) => Promise<Answer>)[] = [
        (id) => app.get(`/admin/users/${id}`, as),
        (id) => app.patch(`/admin/users/${id}`, { name: 'x' }, as),
        (id) => app.delete(`/admin/users/${id}`, as),
        (id) => app.post(`/admin/users/${id}/lock`, { reason: 'x' }, as),
        (id) => app.post(`/admin/users/${id}/unlock`, {}, as),
        (id) => app.put(`/admin/users/${id}/roles`, { roles: ['user'] }, as),
        (id) => app.put(`/admin/users/${id}/roles`, { roles: ['no-such-role'] }, as),
        (id) => app.post(`/admin/users/${id}/api-keys`, { name: 'x' }, as),
      ];
      for (const call of calls) {
        const random = randomUUID();
        const [foreign, absent] = [await call(stranger.id), await call(random)];
        expect(foreign.status).toBe(404);
        expect(comparable(foreign, stranger.id)).toEqual(comparable(absent, random));
      }
    });

    it('takes no user into another organization, existing or not, with the same answer', async () => {
      const [theirs] = await app.sql<{ id: string }>(`select id from organizations where slug = 'theirs'`);
      const random = randomUUID();
      const create = (organizationId: string): Promise<Answer> =>
        app.post('/admin/users', { email: 'spy@example.com', organizationId }, { key: local.key });
      const [foreign, absent] = [await create(theirs!.id), await create(random)];
      expect(foreign.status).toBe(400);
      expect(comparable(foreign, theirs!.id)).toEqual(comparable(absent, random));
    });

    it('gives no role that reaches over all organizations', async () => {
      const answer = await app.put(`/admin/users/${local.id}/roles`, { roles: ['admin'] }, { key: local.key });
      expect([answer.status, answer.body.code]).toEqual([403, 'permission.escalation']);
    });

    it('puts new users into the organization of who creates them', async () => {
      const answer = await app.post('/admin/users', { email: 'colleague@example.com' }, { key: local.key });
      expect(answer.status).toBe(201);
      const [ours] = await app.sql<{ id: string }>(`select id from organizations where slug = 'ours'`);
      expect(answer.body.organizationId).toBe(ours!.id);
    });

    it('shows no usage and no audit event of another organization', async () => {
      const logs = (await app.get('/admin/logs?limit=100', { key: local.key })).body.items;
      expect(logs.every(({ organizationId }: any) => organizationId !== null)).toBe(true);
      expect(JSON.stringify(logs)).not.toContain(stranger.id);
      const summary = await app.get(`/admin/analytics?keyId=${stranger.keyId}`, { key: local.key });
      expect(summary.body.calls).toBe(0);
    });
  });
});
