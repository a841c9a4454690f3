import { startTestApp, type TestApp } from '../support/test-app.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const realNow = Date.now.bind(Date);

/** Everything but the time of day goes on as it does. */
const notTheTimers = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

describe.each([
  ['a day behind', -DAY_MS],
  ['a day ahead', DAY_MS],
])('While the clock of this machine is %s, the clock of the database', (_, error) => {
  let app: TestApp;
  const inAnHour = (): string => new Date(realNow() + HOUR_MS).toISOString();

  beforeAll(async () => {
    app = await startTestApp();
    jest.useFakeTimers({ now: realNow() + error, doNotFake: notTheTimers });
  });
  afterAll(async () => {
    jest.useRealTimers();
    await app.close();
  });

  /** Times in a row that are not those of the last minute. */
  const strange = async (table: 'users' | 'organizations', id: string): Promise<unknown[]> =>
    app.sql(
      `select e.key, e.value from ${table} t, jsonb_each_text(to_jsonb(t)) e
       where t.id = $1 and e.key like '%\\_at' and e.value is not null
         and abs(extract(epoch from e.value::timestamptz - clock_timestamp())) > 60`,
      [id],
    );
  const wasMade = async (id: string): Promise<number> => {
    const [row] = await app.sql<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms');
    return Math.abs(parseInt(id.replaceAll('-', '').slice(0, 12), 16) - (row?.ms ?? 0));
  };

  it('decides when a user was made, changed, locked and deleted', async () => {
    const { id } = await app.user();
    expect(await wasMade(id)).toBeLessThan(60_000);
    await app.patch(`/admin/users/${id}`, { name: 'Ada' });
    await app.put(`/admin/users/${id}/roles`, { roles: ['user'] });
    const locked = await app.post(`/admin/users/${id}/lock`, { reason: 'unpaid bill', until: inAnHour() });
    expect([locked.status, locked.body.status]).toEqual([200, 'locked']);
    expect(await strange('users', id)).toEqual([]);
    expect((await app.delete(`/admin/users/${id}`)).status).toBe(204);
    expect(await strange('users', id)).toEqual([]);
  });

  it('decides when a lock ends', async () => {
    const { id, key } = await app.user();
    const past = await app.post(`/admin/users/${id}/lock`, {
      reason: 'late',
      until: new Date(realNow() - HOUR_MS).toISOString(),
    });
    expect([past.status, past.body.code]).toEqual([400, 'request.invalid']);
    await app.post(`/admin/users/${id}/lock`, { reason: 'unpaid bill', until: inAnHour() });
    expect((await app.get('/profile', { key })).body.code).toBe('account.locked');
    expect((await app.get(`/admin/users/${id}`)).body.status).toBe('locked');
    await app.sql(`update users set locked_until = now() - interval '1 second' where id = $1`, [id]);
    expect((await app.get(`/admin/users/${id}`)).body.status).toBe('active');
    const { items } = (await app.get('/admin/users?status=active&limit=100')).body;
    expect(items).toContainEqual(expect.objectContaining({ id, status: 'active', lock: null }));
  });

  it('decides when a person was erased', async () => {
    const { id } = await app.user();
    const { exportedAt } = (await app.get(`/admin/users/${id}/export`)).body;
    expect(Math.abs(Date.parse(exportedAt) - realNow())).toBeLessThan(60_000);
    expect((await app.post(`/admin/users/${id}/erase`)).status).toBe(204);
    expect(await strange('users', id)).toEqual([]);
  });

  it('decides when a service account was made', async () => {
    const { body } = await app.post('/admin/service-accounts', { name: 'nightly import' });
    expect(await wasMade(body.id)).toBeLessThan(60_000);
    expect(await strange('users', body.id)).toEqual([]);
  });

  it('decides when an organization was made, suspended and deleted', async () => {
    const { body } = await app.post('/admin/organizations', { name: 'Acme', slug: 'acme' });
    expect(await wasMade(body.id)).toBeLessThan(60_000);
    await app.patch(`/admin/organizations/${body.id}`, { status: 'suspended' });
    expect(await strange('organizations', body.id)).toEqual([]);
    expect((await app.delete(`/admin/organizations/${body.id}`)).status).toBe(204);
    expect(await strange('organizations', body.id)).toEqual([]);
  });
});
