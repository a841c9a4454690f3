import { eventually } from '../support/eventually.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

describe('rotating a key', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await app.user();
  });
  afterAll(() => app.close());

  const issue = async (request: object = {}): Promise<{ id: string; key: string }> =>
    (await app.post('/api-keys', { name: 'to be rotated', ...request }, { key: user.key })).body;
  const rotate = (id: string, body: object = {}, key = user.key): Promise<Answer> =>
    app.post(`/api-keys/${id}/rotate`, body, { key });
  /** On a machine that is too busy for the database's time-outs, 503 says that nothing was done and to ask again. */
  const rotateOnceAnswered = async (id: string): Promise<Answer> => {
    const answer = await rotate(id);
    return answer.status === 503 ? rotateOnceAnswered(id) : answer;
  };
  const use = (key: string): Promise<Answer> => app.get('/api-keys/current', { key });
  const successors = async (id: string): Promise<object[]> =>
    app.sql('select id from api_keys where rotated_from = $1', [id]);

  it('answers 201 with the new key, which has everything of the old one but its secret', async () => {
    const settings = {
      environment: 'dev',
      description: 'of the night',
      permissions: ['api-keys:read'],
      expiresAt: '2099-01-01T00:00:00.000Z',
      allowedAddresses: ['127.0.0.0/8'],
      rateLimit: { limit: 9, windowSeconds: 60 },
      quota: { limit: 1000, period: 'month' },
      metadata: { team: 'night' },
      tags: ['a', 'b'],
    };
    const old = await issue(settings);
    const { status, body, headers } = await rotate(old.id);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/api-keys/${body.id}`);
    expect(body).toMatchObject({
      ...settings,
      name: 'to be rotated',
      rotatedFrom: old.id,
      status: 'active',
      ownerId: user.id,
    });
    expect([body.id, body.key]).not.toEqual([old.id, old.key]);
    expect((await use(body.key)).body).toMatchObject({ id: body.id });
  });

  it('refuses the old key at once when there is no grace', async () => {
    const old = await issue();
    expect((await use(old.key)).status).toBe(200);
    const { body } = await rotate(old.id, { graceSeconds: 0 });
    const refused = await use(old.key);
    expect([refused.status, refused.body.code]).toEqual([401, 'api_key.revoked']);
    expect((await use(body.key)).status).toBe(200);
  });

  it('lets old and new work until the end of the grace, and the old one not a moment longer', async () => {
    const old = await issue();
    const { body } = await rotate(old.id, { graceSeconds: 3600 });
    expect([(await use(old.key)).status, (await use(body.key)).status]).toEqual([200, 200]);
    const rotating = (await app.get(`/api-keys/${old.id}`, { key: user.key })).body;
    expect(rotating.status).toBe('rotating');
    expect(Math.abs(Date.parse(rotating.revokedAt) - Date.now() - 3_600_000)).toBeLessThan(5000);
    expect((await app.get('/api-keys?status=rotating', { key: user.key })).body.items).toEqual([
      expect.objectContaining({ id: old.id }),
    ]);

    await app.sql("update api_keys set revoked_at = now() - interval '1 millisecond' where id = $1", [old.id]);
    await eventually(async () => expect((await use(old.key)).body.code).toBe('api_key.revoked'));
    expect((await use(body.key)).status).toBe(200);
    expect((await app.get(`/api-keys/${old.id}`, { key: user.key })).body.status).toBe('revoked');
  });

  it('ends a grace of one second by itself, without any further change', async () => {
    const old = await issue();
    const started = performance.now();
    const { body } = await rotate(old.id, { graceSeconds: 1 });
    expect((await use(old.key)).status).toBe(200);
    await eventually(async () => expect((await use(old.key)).body.code).toBe('api_key.revoked'), 2500);
    expect(performance.now() - started).toBeGreaterThan(990);
    expect((await use(body.key)).status).toBe(200);
  });

  it('may be cut short: revoking the old key ends its grace', async () => {
    const old = await issue();
    await rotate(old.id, { graceSeconds: 3600 });
    expect((await app.delete(`/api-keys/${old.id}?reason=leaked`, { key: user.key })).status).toBe(204);
    expect((await use(old.key)).body.code).toBe('api_key.revoked');
    expect((await app.get(`/api-keys/${old.id}`, { key: user.key })).body.revocationReason).toBe('leaked');
  });

  it('can be done to the presented key itself', async () => {
    const old = await issue();
    const { status, body } = await rotate(old.id, {}, old.key);
    expect(status).toBe(201);
    expect([(await use(old.key)).status, (await use(body.key)).status]).toEqual([401, 200]);
  });

  it.each([0, 3600])('is refused with 409 api_key.already_rotated the second time (grace %d)', async (graceSeconds) => {
    const old = await issue();
    await rotate(old.id, { graceSeconds });
    const again = await rotate(old.id, { graceSeconds });
    expect([again.status, again.body.code]).toEqual([409, 'api_key.already_rotated']);
    expect(await successors(old.id)).toHaveLength(1);
  });

  it('can be done again to what came of it', async () => {
    const first = await issue();
    const second = (await rotate(first.id)).body;
    const third = (await rotate(second.id)).body;
    expect(third.rotatedFrom).toBe(second.id);
    expect([(await use(first.key)).status, (await use(second.key)).status, (await use(third.key)).status]).toEqual([
      401, 401, 200,
    ]);
  });

  it('leaves one live successor when a hundred ask for it at once, and answers all others 409', async () => {
    const old = await issue();
    const answers = await Promise.all(Array.from({ length: 100 }, () => rotateOnceAnswered(old.id)));
    const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect({ made: count(201), refused: count(409) }).toEqual({ made: 1, refused: 99 });
    expect(
      await app.sql('select id from api_keys where rotated_from = $1 and revoked_at is null', [old.id]),
    ).toHaveLength(1);
    const winner = answers.find(({ status }) => status === 201);
    expect((await use(winner?.body.key)).status).toBe(200);
  });

  it.each([
    ['revoked', 'revoked_at = now()'],
    ['expired', "expires_at = now() - interval '1 second'"],
    ['disabled', 'disabled_at = now()'],
  ])('is refused with 409 api_key.not_usable for a key that is %s', async (status, change) => {
    const old = await issue();
    await app.sql(`update api_keys set ${change} where id = $1`, [old.id]);
    const answer = await rotate(old.id);
    expect([answer.status, answer.body.code]).toEqual([409, 'api_key.not_usable']);
    expect(answer.body.detail).toContain(status);
    expect(await successors(old.id)).toEqual([]);
  });

  it('is refused with not_usable, not already_rotated, whatever a revocation gave as its reason', async () => {
    const old = await issue();
    await app.delete(`/api-keys/${old.id}?reason=rotated, replaced by hand`, { key: user.key });
    expect((await rotate(old.id)).body.code).toBe('api_key.not_usable');
  });

  it('hands nobody more than they hold: a narrow key cannot rotate a wider one of its owner', async () => {
    const wide = await issue();
    const narrow = await issue({ permissions: ['api-keys:rotate', 'api-keys:read'] });
    const answer = await rotate(wide.id, {}, narrow.key);
    expect([answer.status, answer.body.code]).toEqual([403, 'permission.escalation']);
    expect((await use(wide.key)).status).toBe(200);
    expect(await successors(wide.id)).toEqual([]);
  });

  it('hands nobody more than they hold: whoever manages keys cannot rotate an administrator’s', async () => {
    const manager = await app.post('/api-keys', { name: 'manager', permissions: ['api-keys:manage'] });
    const answer = await app.post(`/admin/api-keys/${app.adminKeyId}/rotate`, {}, { key: manager.body.key });
    expect([answer.status, answer.body.code]).toEqual([403, 'permission.escalation']);
  });

  it('works for an administrator on anybody’s key', async () => {
    const old = await issue();
    const { status, body, headers } = await app.post(`/admin/api-keys/${old.id}/rotate`, { graceSeconds: 60 });
    expect([status, body.ownerId]).toEqual([201, user.id]);
    expect(headers.get('location')).toBe(`/api/v1/admin/api-keys/${body.id}`);
    expect([(await use(old.key)).status, (await use(body.key)).status]).toEqual([200, 200]);
  });

  it('does not take the last administrator away', async () => {
    const issued = await app.post('/api-keys', { name: 'spare', permissions: ['*'] });
    await app.delete(`/api-keys/${issued.body.id}`);
    const before = await app.sql<{ id: string }>(
      "select id from api_keys where '*' = any (grants) and revoked_at is null and owner_id = $1",
      [app.adminId],
    );
    expect(before).toHaveLength(1);
    const { status, body } = await app.post(`/api-keys/${app.adminKeyId}/rotate`, { graceSeconds: 3600 });
    expect(status).toBe(201);
    expect((await app.get('/admin/users', { key: body.key })).status).toBe(200);
    expect((await app.delete(`/api-keys/${body.id}`)).body.code).toBe('administrator.required');
  });

  it.each([
    { graceSeconds: -1 },
    { graceSeconds: 2_592_001 },
    { graceSeconds: 1.5 },
    { graceSeconds: '60' },
    { graceSeconds: null },
    { grace: 1 },
  ])('refuses %p with 400 and rotates nothing', async (body) => {
    const old = await issue();
    expect((await rotate(old.id, body)).status).toBe(400);
    expect((await use(old.key)).status).toBe(200);
  });

  it('is recorded for both keys, without a secret', async () => {
    const old = await issue();
    const { body } = await rotate(old.id);
    const rows = await app.sql<{ action: string; target_id: string; text: string }>(
      "select action, target_id, e::text as text from audit_events e where target_id in ($1, $2) and action <> 'api_key.issued' or target_id = $2",
      [old.id, body.id],
    );
    expect(rows.map(({ action, target_id }) => `${action} ${target_id}`).toSorted()).toEqual([
      `api_key.issued ${body.id}`,
      `api_key.rotated ${old.id}`,
    ]);
    for (const { text } of rows) expect(text).not.toContain(body.key.slice(body.key.lastIndexOf('_') + 1));
  });
});
