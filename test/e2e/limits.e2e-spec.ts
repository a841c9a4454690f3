import { startTestApp, type Answer, type TestApp } from '../support/test-app.js';

function expectRefused(answer: Answer, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 429, code });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

describe('the limit of a key', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_KEY_LIMIT: '5/60' });
    await app.sql('update api_keys set rate_limit = $1', [{ limit: 1_000_000, windowSeconds: 60 }]); // of the administrator
  });
  afterAll(() => app.close());

  const issue = async (request: object): Promise<{ id: string; key: string }> =>
    (await app.post('/api-keys', { name: 'limited', ...request })).body;
  const call = (key: string): Promise<Answer> => app.get('/api-keys/current', { key });

  it('counts down in the RateLimit fields of every answer and then refuses with 429 rate_limit.api_key', async () => {
    const { key } = await issue({ rateLimit: { limit: 3, windowSeconds: 60 } });
    for (const left of [2, 1, 0]) {
      const { status, headers } = await call(key);
      expect(status).toBe(200);
      expect(headers.get('ratelimit-policy')).toBe('"key";q=3;w=60');
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"key";r=${left};t=(60|5\\d)$`));
    }
    const refused = await call(key);
    expectRefused(refused, 'rate_limit.api_key');
    expect(refused.headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });

  it('is that of the installation where the key has none of its own', async () => {
    const { key } = await issue({});
    for (let calls = 0; calls < 5; calls++)
      expect((await call(key)).headers.get('ratelimit-policy')).toBe('"key";q=5;w=60');
    expectRefused(await call(key), 'rate_limit.api_key');
  });

  it('lets exactly as many through when all come at once', async () => {
    const { key } = await issue({ rateLimit: { limit: 10, windowSeconds: 60 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(key)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  it('begins again when its window has ended', async () => {
    const { key } = await issue({ rateLimit: { limit: 1, windowSeconds: 1 } });
    expect((await call(key)).status).toBe(200);
    let refused = 0;
    const deadline = performance.now() + 3000;
    while ((await call(key)).status === 429 && performance.now() < deadline) refused += 1;
    expect(refused).toBeGreaterThan(0);
    expect(performance.now()).toBeLessThan(deadline);
  });

  it('is one for each key: another key of the same owner has its own', async () => {
    const [one, other] = [await issue({}), await issue({})];
    for (let calls = 0; calls < 6; calls++) await call(one.key);
    expect((await call(one.key)).status).toBe(429);
    expect((await call(other.key)).status).toBe(200);
  });

  it('does not count calls that lack a permission', async () => {
    const { key } = await issue({ permissions: [], rateLimit: { limit: 1, windowSeconds: 60 } });
    for (let calls = 0; calls < 3; calls++) expect((await app.get('/api-keys', { key })).status).toBe(403);
    expect((await call(key)).status).toBe(200);
  });

  it('applies as changed from the next call on', async () => {
    const { id, key } = await issue({ rateLimit: { limit: 1, windowSeconds: 60 } });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 429]);
    await app.patch(`/admin/api-keys/${id}`, { rateLimit: { limit: 100, windowSeconds: 60 } });
    expect((await call(key)).status).toBe(200);
  });
});

describe('the quota of a key', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const issue = async (quota: object): Promise<{ id: string; key: string }> =>
    (await app.post('/api-keys', { name: 'metered', quota })).body;
  const call = (key: string): Promise<Answer> => app.get('/api-keys/current', { key });

  it.each(['day', 'month', 'total'])(
    'of a %s is never overspent, and then refuses with 429 quota.exhausted',
    async (period) => {
      const { key } = await issue({ limit: 7, period });
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(key)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
      const refused = await call(key);
      expectRefused(refused, 'quota.exhausted');
      expect(refused.body).toMatchObject({ limit: 7, period });
    },
  );

  it('tells when it begins again: at midnight UTC, at the first of the month, or never', async () => {
    const now = new Date();
    const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
    const ends = { day: Date.UTC(year, month, day + 1), month: Date.UTC(year, month + 1, 1), total: null };
    for (const [period, end] of Object.entries(ends)) {
      const { key } = await issue({ limit: 1, period });
      await call(key);
      const { body, headers } = await call(key);
      expect(body.resetsAt).toBe(end === null ? null : new Date(end).toISOString());
      if (end !== null)
        expect(Math.abs(Number(headers.get('retry-after')) - (end - now.getTime()) / 1000)).toBeLessThan(5);
    }
  });

  it('begins again with the next period', async () => {
    const { id, key } = await issue({ limit: 1, period: 'day' });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 429]);
    await app.sql("update quota_usages set period_start = period_start - interval '1 day' where api_key_id = $1", [id]);
    expect((await call(key)).status).toBe(200);
  });

  it('is not spent by calls that the rate limit refuses', async () => {
    const { body } = await app.post('/api-keys', {
      name: 'both',
      quota: { limit: 10, period: 'total' },
      rateLimit: { limit: 2, windowSeconds: 60 },
    });
    for (let calls = 0; calls < 5; calls++) await call(body.key);
    expect(await app.sql('select used from quota_usages where api_key_id = $1', [body.id])).toEqual([{ used: '2' }]);
  });
});

describe('the limit of an address', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_ADDRESS_LIMIT: '5/60', TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterAll(() => app.close());

  const from = (address: string, key?: string | null): Promise<Answer> =>
    app.get('/api-keys/current', { key, headers: { 'x-forwarded-for': address } });

  it('refuses with 429 rate_limit.address before any credential is read', async () => {
    for (let calls = 0; calls < 5; calls++) expect((await from('192.0.2.1', null)).status).toBe(401);
    for (const key of [null, 'garbage', app.adminKey]) {
      const refused = await from('192.0.2.1', key);
      expectRefused(refused, 'rate_limit.address');
      expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=5;w=60');
      expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
    }
  });

  it('is one for each IPv4 address', async () => {
    for (let calls = 0; calls < 6; calls++) await from('192.0.2.2');
    expect((await from('192.0.2.2')).status).toBe(429);
    expect((await from('::ffff:192.0.2.2')).status).toBe(429);
    expect((await from('192.0.2.3')).status).toBe(200);
  });

  it('is one for all addresses of an IPv6 /64, of which a single host has them all', async () => {
    for (let host = 1; host <= 5; host++) expect((await from(`2001:db8:0:1::${host}`)).status).toBe(200);
    expectRefused(await from('2001:db8:0:1:ffff::9'), 'rate_limit.address');
    expect((await from('2001:db8:0:2::1')).status).toBe(200);
  });

  it('is not escaped by inventing addresses in front of the true one', async () => {
    for (let calls = 0; calls < 5; calls++) await from(`203.0.113.${calls}, 192.0.2.4`);
    expectRefused(await from('203.0.113.99, 192.0.2.4'), 'rate_limit.address');
  });

  it('leaves liveness and readiness to the probes', async () => {
    for (let calls = 0; calls < 8; calls++) {
      const live = await app.get('//health/live', { key: null, headers: { 'x-forwarded-for': '192.0.2.5' } });
      expect(live.status).toBe(200);
    }
  });
});

describe('limits that are off', () => {
  it('refuse nobody and say nothing', async () => {
    const app = await startTestApp({ KEYWARD_ADDRESS_LIMIT: 'off', KEYWARD_KEY_LIMIT: 'off' });
    try {
      const { status, headers } = await app.get('/profile');
      expect([status, headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([200, null, null]);
    } finally {
      await app.close();
    }
  });
});

describe('a call that no route serves', () => {
  it('counts against its address like any other, so that nobody fills the records by asking for nothing', async () => {
    const app = await startTestApp({ KEYWARD_ADDRESS_LIMIT: '5/60' });
    const answers: number[] = [];
    for (let call = 0; call < 7; call++) answers.push((await app.get('/nothing', { key: null })).status);
    const outside = await app.get('//nothing', { key: null });
    await app.close();
    expect(answers).toEqual([404, 404, 404, 404, 404, 429, 429]);
    expect(outside.body.code).toBe('rate_limit.address');
  });
});
