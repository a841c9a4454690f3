import { createHash, createHmac, randomBytes } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { eventually } from '../support/eventually.js';
import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';

const newKey = (): string => `sk_old_${randomBytes(18).toString('hex')}`;

/** A row for a key that bcrypt hashed, at a cost that takes some tens of milliseconds. */
async function bcryptRow(key: string, cost = 8): Promise<object> {
  return { owner: 'admin@example.com', scheme: 'bcrypt', hash: await bcrypt(key, cost), lookup: key.slice(0, 14) };
}

async function importInto(app: TestApp, ...rows: object[]): Promise<string[]> {
  const { body } = await app.post('/admin/api-keys/import', { keys: rows });
  expect(body.failed).toBe(0);
  return body.rows.map(({ keyId }: any) => keyId);
}

const use = (app: TestApp, key: string): Promise<Answer> => app.get('/api-keys/current', { key });

describe('guesses at imported keys', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp({ KEYWARD_IMPORTED_GUESS_LIMIT: '5/600', TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterEach(() => app.close());
  const from = (address: string, key: string): Promise<Answer> =>
    app.get('/api-keys/current', { key, headers: { 'x-forwarded-for': address } });

  it('are limited for each source, which holds nobody else up, nor any key that has been used', async () => {
    const [known, fresh] = [newKey(), newKey()];
    await importInto(app, await bcryptRow(known, 4), await bcryptRow(fresh, 4));
    expect((await from('192.0.2.1', known)).status).toBe(200);
    for (let guess = 0; guess < 5; guess++)
      expect((await from('192.0.2.1', `${fresh.slice(0, 14)}-guess-${guess}`)).body.code).toBe('api_key.invalid');
    const refused = await from('192.0.2.1', fresh);
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limit.address']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(500);
    expect((await from('192.0.2.1', known)).status).toBe(200);
    expect((await from('192.0.2.1', app.adminKey)).status).toBe(200);
    expect((await from('192.0.2.2', fresh)).status).toBe(200);
    expect((await from('192.0.2.1', fresh)).status).toBe(200); // found by the whole key since then
  });

  it('count a whole /64 of IPv6 as one source, and those that services pass on for where they came from', async () => {
    const fresh = newKey();
    await importInto(app, await bcryptRow(fresh, 4));
    const verify = (key: string, address: string): Promise<Answer> => app.post('/api-keys/verify', { key, address });
    for (let guess = 0; guess < 5; guess++) await verify(`${fresh.slice(0, 14)}-guess-${guess}`, `2001:db8::${guess}`);
    expect((await verify(fresh, '2001:db8::ffff')).body).toMatchObject({ valid: false, code: 'rate_limit.address' });
    expect((await verify(fresh, '2001:db8:0:1::1')).body).toMatchObject({ valid: true });
  });

  it('of a credential whose beginning nobody imported cost no slow hash and are not counted', async () => {
    const fresh = newKey();
    await importInto(app, await bcryptRow(fresh, 4));
    for (let guess = 0; guess < 10; guess++)
      expect((await from('192.0.2.9', newKey())).body.code).toBe('api_key.invalid');
    expect((await from('192.0.2.9', fresh)).status).toBe(200);
  });

  it('that come all at once wait in a bounded queue or are told to come again, and everything else is served', async () => {
    const fresh = newKey();
    await importInto(app, await bcryptRow(fresh, 10));
    const guesses = Array.from({ length: 100 }, (_, n) => from(`192.0.2.${n}`, `${fresh.slice(0, 14)}-guess-${n}`));
    const served = await Promise.all(Array.from({ length: 10 }, () => from('198.51.100.1', app.adminKey)));
    expect(served.map(({ status }) => status)).toEqual(served.map(() => 200));
    const answers = await Promise.all(guesses);
    const busy = answers.filter(({ body }) => body.code === 'server.unavailable');
    expect(busy.length).toBeGreaterThan(30);
    expect(busy[0]?.headers.get('retry-after')).toBe('1');
    expect(answers.some(({ body }) => body.code === 'api_key.invalid')).toBe(true);
    expect((await from('203.0.113.1', fresh)).status).toBe(200);
  });
});

describe('imported keys over two replicas', () => {
  let [one, two]: TestApp[] = [];
  beforeAll(async () => {
    one = await startTestApp({ KEYWARD_IMPORTED_GUESS_LIMIT: 'off' });
    two = await startTestApp({ KEYWARD_IMPORTED_GUESS_LIMIT: 'off' }, one.databaseUrl);
  });
  afterAll(async () => {
    await two?.close();
    await one?.close();
  });

  it('are known to the other from the moment of the first import on, as of every other', async () => {
    for (let round = 0; round < 3; round++) {
      const key = newKey();
      const [id] = await importInto(one!, await bcryptRow(key, 4));
      await eventually(async () => expect((await use(two!, key)).body.id).toBe(id));
    }
  });

  it('may be used for the first time at both at the same moment, and are rehashed once', async () => {
    const keys = Array.from({ length: 5 }, newKey);
    const ids = await importInto(one!, ...(await Promise.all(keys.map((key) => bcryptRow(key, 6)))));
    await eventually(async () => expect((await use(two!, keys[0]!)).status).toBe(200));
    for (const [n, key] of keys.entries()) {
      const answers = await Promise.all([one!, two!, one!, two!].map((replica) => use(replica, key)));
      expect(answers.map(({ status, body }) => [status, body.id])).toEqual(answers.map(() => [200, ids[n]]));
    }
    const rows = await one!.sql<any>(
      'select count(*)::int as rehashed from imported_keys where rehashed_at is not null',
    );
    expect(rows[0].rehashed).toBeGreaterThanOrEqual(5);
  });

  it('that are revoked at one before their first use at the other are refused there', async () => {
    const key = newKey();
    const [id] = await importInto(one!, await bcryptRow(key, 4));
    await eventually(async () => expect((await use(one!, key)).status).toBe(200));
    expect((await use(two!, key)).status).toBe(200);
    await one!.delete(`/admin/api-keys/${id}`);
    expect((await use(one!, key)).body.code).toBe('api_key.revoked');
    await eventually(async () => expect((await use(two!, key)).body.code).toBe('api_key.revoked'));
  });
});

describe('imported keys when SECRET_KEY changes', () => {
  const [first, second] = ['the first secret of this installation!', 'the second secret of this installation!'];

  it('work on under the new one, used before or not, and are the same when they are imported again', async () => {
    const before = await startTestApp({ SECRET_KEY: first });
    const { databaseUrl } = before;
    const [used, fresh, slow] = [newKey(), newKey(), newKey()];
    const hmac = (key: string): object => ({
      owner: 'admin@example.com',
      scheme: 'hmac-sha256',
      hash: createHmac('sha256', 'old').update(key).digest('hex'),
      secret: 'old',
    });
    const sha = {
      owner: 'admin@example.com',
      scheme: 'sha256',
      hash: createHash('sha256').update(fresh).digest('hex'),
    };
    const rows = [hmac(used), sha, await bcryptRow(slow, 4)];
    const ids = await importInto(before, ...rows);
    expect((await use(before, used)).status).toBe(200);
    await before.app.close();

    const rotating = await startTestApp({ SECRET_KEY: second, SECRET_KEY_PREVIOUS: first }, databaseUrl);
    const admin = rotating.app.get((await import('#libs/api-keys')).AdministratorCreator);
    const { Principal } = await import('#libs/access');
    const { key: adminKey } = await admin.create(Principal.system('test'), 'second@example.com');
    expect((await use(rotating, used)).status).toBe(200);
    await rotating.app.close();

    const after = await startTestApp({ SECRET_KEY: second }, databaseUrl);
    const again = await after.post('/admin/api-keys/import', { keys: rows }, { key: adminKey });
    expect(again.body.rows.map(({ outcome, keyId }: any) => [outcome, keyId])).toEqual(ids.map((id) => ['exists', id]));
    for (const key of [used, fresh, slow]) expect((await use(after, key)).status).toBe(200);
    await after.close();
    await before.close().catch(() => undefined);
  });
});
