import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

describe('one’s own profile', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await app.user();
  });
  afterAll(() => app.close());

  it('is shown to its owner, with an ETag, whatever the key was granted', async () => {
    const powerless = (await app.post(`/admin/users/${user.id}/api-keys`, { name: 'powerless', permissions: [] })).body
      .key;
    for (const key of [user.key, powerless]) {
      const answer = await app.get('/profile', { key });
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, expect.stringMatching(/^"[^"]+"$/)]);
      expect(answer.body).toMatchObject({
        id: user.id,
        email: user.email,
        roles: ['user'],
        status: 'active',
        lock: null,
      });
    }
  });

  it('is changed by its owner, who can clear the name', async () => {
    expect((await app.patch('/profile', { name: 'Own name' }, { key: user.key })).body.name).toBe('Own name');
    expect((await app.patch('/profile', {}, { key: user.key })).body.name).toBe('Own name');
    const cleared = await app.patch('/profile', { name: null }, { key: user.key });
    expect([cleared.status, cleared.body.name]).toEqual([200, null]);
    expect((await app.get(`/admin/users/${user.id}`)).body.name).toBeNull();
  });

  it.each([
    { email: 'other@example.com' },
    { roles: ['admin'] },
    { subscriptionTier: 'enterprise' },
    { organizationId: null },
    { name: '' },
    { name: ['x'] },
  ])('does not take %j: 400', async (body) => {
    const answer = await app.patch('/profile', body, { key: user.key });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });

  it('is not changed with a key that was not granted profile:update', async () => {
    const reading = (
      await app.post('/api-keys', { name: 'reading', permissions: ['api-keys:read'] }, { key: user.key })
    ).body.key;
    const answer = await app.patch('/profile', { name: 'x' }, { key: reading });
    expect([answer.status, answer.body.code, answer.body.missing]).toEqual([
      403,
      'permission.missing',
      ['profile:update'],
    ]);
  });

  it('shows no hash, of a legacy key for instance', async () => {
    const hash = 'a'.repeat(64);
    await app.sql('update users set api_key_hash = $2 where id = $1', [user.id, hash]);
    const answer = await app.get('/profile', { key: user.key });
    expect(answer.text).not.toContain(hash);
    expect(Object.keys(answer.body)).not.toEqual(expect.arrayContaining(['apiKeyHash']));
  });
});
