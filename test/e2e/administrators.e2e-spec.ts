import { Principal } from '#libs/access';
import { AdministratorCreator } from '#libs/api-keys';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';
import { customRole } from '../support/tenants.js';

const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

async function expectKept(app: TestApp, answer: Answer): Promise<void> {
  expect([answer.status, answer.body.code]).toEqual([409, 'administrator.required']);
  expect((await app.get('/admin/users')).status).toBe(200);
  const another = { email: `${Math.random()}@example.com`, roles: ['admin'] };
  expect((await app.post('/admin/users', another)).status).toBe(201);
}

describe('the last administrator', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each<[string, (app: TestApp) => Promise<Answer>]>([
    ['deleted', () => app.delete(`/admin/users/${app.adminId}`)],
    ['locked', () => app.post(`/admin/users/${app.adminId}/lock`, { reason: 'x' })],
    ['locked for a while', () => app.post(`/admin/users/${app.adminId}/lock`, { reason: 'x', until: tomorrow() })],
    ['demoted', () => app.put(`/admin/users/${app.adminId}/roles`, { roles: ['user'] })],
    ['left without a role', () => app.put(`/admin/users/${app.adminId}/roles`, { roles: [] })],
    ['left without a key by revoking it', () => app.delete(`/api-keys/${app.adminKeyId}`)],
    [
      'left without a key by revoking it as everybody’s',
      () => app.delete(`/admin/api-keys/${app.adminKeyId}?reason=x`),
    ],
    ['left without a key by the key revoking itself', () => app.delete('/api-keys/current')],
    ['left with a disabled key', () => app.patch(`/api-keys/${app.adminKeyId}`, { status: 'disabled' })],
    ['left with a key that expires', () => app.patch(`/api-keys/${app.adminKeyId}`, { expiresAt: tomorrow() })],
    [
      'left with a key that expires in a moment',
      () => app.patch(`/admin/api-keys/${app.adminKeyId}`, { expiresAt: new Date(Date.now() + 2000).toISOString() }),
    ],
    ['left with a narrowed key', () => app.patch(`/api-keys/${app.adminKeyId}`, { permissions: ['users:*'] })],
    ['left with a key that may do nothing', () => app.patch(`/admin/api-keys/${app.adminKeyId}`, { permissions: [] })],
    [
      'left with a key that runs out after so many calls',
      () => app.patch(`/api-keys/${app.adminKeyId}`, { quota: { limit: 1, period: 'total' } }),
    ],
  ])('cannot be %s', async (_, attempt) => {
    await expectKept(app, await attempt(app));
  });
});

describe('an administrator', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp();
  });
  afterEach(() => app.close());

  it('is not made at the command line where its organization is suspended, and so no key would work', async () => {
    const elsewhere = (await app.post('/admin/organizations', { name: 'Elsewhere' })).body.id;
    const other = await app.user({ roles: ['admin'], permissions: ['*'], organizationId: elsewhere });
    const path = '/admin/organizations/00000000-0000-7000-8000-000000000000';
    expect((await app.patch(path, { status: 'suspended' }, { key: other.key })).status).toBe(200);
    const creator = app.app.get(AdministratorCreator);
    await expect(creator.create(Principal.system('test'), 'rescue@example.com')).rejects.toMatchObject({
      code: 'organization.suspended',
      message: expect.stringContaining('keyward keys issue'),
    });
    expect((await app.get('/admin/users?search=rescue', { key: other.key })).body.items).toEqual([]);
  });

  it('counts for nothing as a colleague who has no key, a narrow or passing key, or is locked', async () => {
    const colleague = await app.user({ roles: ['admin'], permissions: ['users:*'] });
    const removal = (): Promise<Answer> => app.delete(`/admin/users/${app.adminId}`);
    await expectKept(app, await removal());
    const passing = await app.post(`/admin/users/${colleague.id}/api-keys`, {
      name: 'passing',
      permissions: ['*'],
      expiresInDays: 1,
    });
    expect(passing.status).toBe(201);
    await expectKept(app, await removal());
    await app.post(`/admin/users/${colleague.id}/api-keys`, { name: 'whole', permissions: ['*'] });
    await app.post(`/admin/users/${colleague.id}/lock`, { reason: 'x' });
    await expectKept(app, await removal());
    await app.post(`/admin/users/${colleague.id}/unlock`);
    expect((await removal()).status).toBe(204);
  });

  it('may rotate the key, for the new one works', async () => {
    const rotated = await app.post(`/api-keys/${app.adminKeyId}/rotate`, {});
    expect(rotated.status).toBe(201);
    expect((await app.get('/admin/users', { key: rotated.body.key })).status).toBe(200);
  });

  it('may give up one of two whole keys', async () => {
    const second = (await app.post('/api-keys', { name: 'second' })).body;
    expect((await app.delete('/api-keys/current')).status).toBe(204);
    expect((await app.get('/admin/users', { key: second.key })).status).toBe(200);
  });

  it('is not replaced by somebody whose role grants everything in one organization only', async () => {
    await customRole(app, 'almost', ['*']);
    await app.user({ roles: ['almost'] });
    await expectKept(app, await app.delete(`/admin/users/${app.adminId}`));
  });
});

describe('administrators who turn on each other', () => {
  const ROUNDS = 100;
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it(`always leave one who can act, in ${ROUNDS} rounds of removing, demoting, locking and revoking each other at once`, async () => {
    // from here on there are only the two of each round: the survivor of one is the first of the next
    let survivor: Pick<TestUser, 'id' | 'key' | 'keyId'> = {
      id: app.adminId,
      key: app.adminKey,
      keyId: app.adminKeyId,
    };
    for (let round = 0; round < ROUNDS; round++) {
      const rival = await administrator(app, survivor.key);
      const attack = (by: { key: string }, on: { id: string; keyId: string }): Promise<Answer> => {
        const as = { key: by.key };
        if (round % 4 === 0) return app.delete(`/admin/users/${on.id}`, as);
        if (round % 4 === 1) return app.put(`/admin/users/${on.id}/roles`, { roles: ['user'] }, as);
        if (round % 4 === 2) return app.post(`/admin/users/${on.id}/lock`, { reason: 'rival' }, as);
        return app.delete(`/admin/api-keys/${on.keyId}`, as);
      };
      const answers = await Promise.all([attack(survivor, rival), attack(rival, survivor)]);
      const able = [];
      for (const one of [survivor, rival])
        if ((await app.get('/admin/users', { key: one.key })).status === 200) able.push(one);
      expect({ round, statuses: answers.map(({ status }) => status), able: able.length }).toMatchObject({
        round,
        able: 1,
      });
      survivor = able[0]!;
    }
  }, 120_000);
});

/** Made with `key`, because the first administrator may be gone. */
async function administrator(app: TestApp, key: string): Promise<{ id: string; key: string; keyId: string }> {
  const user = await app.post(
    '/admin/users',
    { email: `rival${Math.random()}@example.com`, roles: ['admin'] },
    { key },
  );
  const issued = await app.post(
    `/admin/users/${user.body.id}/api-keys`,
    { name: 'rival', permissions: ['*'] },
    { key },
  );
  expect([user.status, issued.status]).toEqual([201, 201]);
  return { id: user.body.id, key: issued.body.key, keyId: issued.body.id };
}
