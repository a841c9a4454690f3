import { createHash } from 'node:crypto';
import { PreparedSql } from '#libs/database';
import { eventually } from '../support/eventually.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

describe('a legacy key', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_GUESS_ALARM: 'off' }); // asking until a key is known looks like guessing
  });
  afterEach(async () => {
    await app.sql('update users set api_key_hash = null where api_key_hash is not null');
    await eventually(async () => {
      if ((await lookUpsOf('of no one, while none are held')) > 0) throw new Error('Legacy keys are still looked up.');
    });
  });
  afterAll(() => app.close());

  const use = (key: string, path = '/api-keys'): Promise<Answer> => app.get(path, { key });
  const give = (user: TestUser, key: string | null): Promise<object[]> =>
    app.sql('update users set api_key_hash = $2 where id = $1', [user.id, key === null ? null : sha256(key)]);
  const lookUpsOf = async (key: string): Promise<number> => {
    const queries = jest.spyOn(app.app.get(PreparedSql), 'rows');
    await use(key);
    const { length } = queries.mock.calls;
    queries.mockRestore();
    return length;
  };

  it('works from the moment its hash stands in users.api_key_hash, and is refused from the moment it does not', async () => {
    const user = await app.user();
    const key = 'sk-legacy-0123456789abcdef';
    expect((await use(key)).body.code).toBe('api_key.invalid');
    await give(user, key);
    await eventually(async () => expect((await use(key)).status).toBe(200));
    await give(user, null);
    await eventually(async () => expect((await use(key)).body.code).toBe('api_key.invalid'));
  });

  it('works beside the keys that its owner was issued', async () => {
    const user = await app.user();
    await give(user, 'legacy beside issued');
    await eventually(async () => expect((await use('legacy beside issued')).status).toBe(200));
    expect((await use(user.key)).status).toBe(200);
    const profile = await use('legacy beside issued', '/profile');
    expect(profile.body).toMatchObject({ id: user.id, email: user.email });
  });

  it.each([
    ['16 characters', 'x'.repeat(16)],
    ['512 characters', 'y'.repeat(512)],
    ['spaces and punctuation', 'my old key: {"with"} ~!'],
    ['a prefix like ours without the underscore', 'kwlive0123456789'],
  ])('may have %s', async (_, key) => {
    await give(await app.user(), key);
    await eventually(async () => expect((await use(key)).status).toBe(200));
  });

  it('is never one that begins with the prefix of this installation: that is judged by the form of new keys', async () => {
    const key = 'kw_legacy_0123456789abcdef';
    await give(await app.user(), key);
    await give(await app.user(), 'another, so that some are held');
    await eventually(async () => expect((await use('another, so that some are held')).status).toBe(200));
    expect((await use(key)).body.code).toBe('api_key.malformed');
  });

  it('is malformed without a look-up when it is too short, too long or not printable, even while others are held', async () => {
    await give(await app.user(), 'so that some are held');
    await eventually(async () => expect((await use('so that some are held')).status).toBe(200));
    for (const key of ['fifteen-letters', 'x'.repeat(513), 'sixteen-letters-\u00e9']) {
      expect(await lookUpsOf(key)).toBe(0);
      expect((await use(key)).body.code).toBe('api_key.malformed');
    }
  });

  it('costs no look-up while the installation holds none, and one while it does', async () => {
    expect(await lookUpsOf('unknown to this installation')).toBe(0);
    await give(await app.user(), 'so that some are held again');
    await eventually(async () => expect(await lookUpsOf('unknown to this installation')).toBe(1));
  });

  it('may do what the roles of its owner grant, no more', async () => {
    const user = await app.user();
    await give(user, 'legacy of a user');
    await eventually(async () => expect((await use('legacy of a user')).status).toBe(200));
    const refused = await use('legacy of a user', '/admin/users');
    expect([refused.status, refused.body.missing]).toEqual([403, ['users:read']]);
    await app.put(`/admin/users/${user.id}/roles`, { roles: ['admin'] });
    expect((await use('legacy of a user', '/admin/users')).status).toBe(200);
  });

  it('is refused with its owner’s state: locked, then deleted', async () => {
    const user = await app.user();
    await give(user, 'legacy of a locked user');
    await eventually(async () => expect((await use('legacy of a locked user')).status).toBe(200));
    await app.post(`/admin/users/${user.id}/lock`, { reason: 'left' });
    expect((await use('legacy of a locked user')).body).toMatchObject({
      code: 'account.locked',
      reason: 'left',
      until: null,
    });
    await app.delete(`/admin/users/${user.id}`);
    expect((await use('legacy of a locked user')).status).toBe(401);
  });

  it('has no entry of its own: current is 404, and it can issue a key to take its place', async () => {
    await give(await app.user(), 'legacy that migrates');
    await eventually(async () => expect((await use('legacy that migrates')).status).toBe(200));
    expect((await use('legacy that migrates', '/api-keys/current')).status).toBe(404);
    const { status, body } = await app.post('/api-keys', { name: 'new form' }, { key: 'legacy that migrates' });
    expect(status).toBe(201);
    expect((await use(body.key)).status).toBe(200);
  });

  it('revokes itself, which is recorded, and leaves its user the other keys', async () => {
    const user = await app.user();
    await give(user, 'legacy that has leaked');
    await eventually(async () => expect((await use('legacy that has leaked')).status).toBe(200));
    expect((await app.delete('/api-keys/current?reason=leaked', { key: 'legacy that has leaked' })).status).toBe(204);
    expect((await use('legacy that has leaked')).status).toBe(401);
    expect((await use(user.key)).status).toBe(200);
    const { items } = (await app.get(`/admin/logs?target=${user.id}&action=user.legacy_key_revoked`)).body;
    expect(items).toMatchObject([{ actor: { userId: user.id }, after: { reason: 'leaked' } }]);
  });

  it('that thousands of rows change with is known at once and does not hold up anybody', async () => {
    const organization = await app.sql<{ id: string }>('select id from organizations limit 1');
    const started = performance.now();
    await app.sql(
      `insert into users (id, organization_id, email, api_key_hash)
       select gen_random_uuid(), $1, 'import' || n || '@example.com', encode(sha256(convert_to('imported key number ' || n, 'UTF8')), 'hex')
       from generate_series(1, 5000) n`,
      [organization[0]?.id],
    );
    await eventually(async () => expect((await use('imported key number 4711', '/profile')).status).toBe(200));
    expect(performance.now() - started).toBeLessThan(5000);
    expect(app.logger.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
  });
});
