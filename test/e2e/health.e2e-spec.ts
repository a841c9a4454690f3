import { setTimeout as delay } from 'node:timers/promises';
import { Shutdown } from '#libs/health';
import { uuidV7 } from '#libs/http';
import pg from 'pg';
import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';

const anonymous = { key: null };
/** The second for which a good result is believed, and what the query itself may take. */
const NOTICED_WITHIN_MS = 2500;
/** A database that is back is used again within a second. */
const RECOVERS_WITHIN_MS = 1000;

/** Asks until the status is `status`, or for as long as it may take. */
async function becomes(app: TestApp, path: string, status: number): Promise<Answer> {
  const deadline = performance.now() + (status === 200 ? RECOVERS_WITHIN_MS : NOTICED_WITHIN_MS);
  for (;;) {
    const answer = await app.get(path, anonymous);
    if (answer.status === status || performance.now() > deadline) return answer;
    await delay(50);
  }
}

/** Runs SQL from outside the database of the application. */
async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.KEYWARD_TEST_SERVER });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const nameOf = ({ databaseUrl }: TestApp): string => new URL(databaseUrl).pathname.slice(1);

async function endSessions(client: pg.Client, app: TestApp): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'keyward%'`,
    [nameOf(app)],
  );
}

describe('a healthy replica', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_ADDRESS_LIMIT: '1/60' });
  });
  afterAll(() => app.close());

  it.each(['//health', '//health/live', '//health/ready', '//health/startup', '//status'])(
    'answers %s with 200, without a credential and beyond every limit',
    async (path) => {
      for (let call = 0; call < 3; call++) expect((await app.get(path, anonymous)).status).toBe(200);
    },
  );

  it('sums up its status, probes, version and uptime', async () => {
    const { body } = await app.get('//health', anonymous);
    expect(body).toEqual({
      status: 'ok',
      probes: [
        { name: 'database', status: 'up' },
        { name: 'orders', status: 'up' },
      ],
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptimeSeconds: expect.any(Number),
    });
  });

  it('says what runs here, for a status page', async () => {
    const { body } = await app.get('//status', anonymous);
    expect(body).toEqual({ name: 'Keyward', version: expect.any(String), environment: null, status: 'ok' });
  });

  it('writes to the database once for a hundred probes at a time', async () => {
    await delay(1000); // what was found is believed that long
    const rows = async (): Promise<number> => Number((await app.sql('select count(*) from health_writes'))[0]?.count);
    const before = await rows();
    const answers = await Promise.all(Array.from({ length: 100 }, () => app.get('//health/ready', anonymous)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await rows()) - before).toBe(1);
  });

  it('needs a new page of the disk for every probe, and gives the space back after a mebibyte', async () => {
    const pages = async (): Promise<number> =>
      Number((await app.sql(`select pg_relation_size('health_writes') / 8192 as pages`))[0]?.pages);
    await app.sql('truncate health_writes');
    for (let probe = 1; probe <= 128; probe++) {
      await app.sql('select keyward_probe_write()');
      if (probe < 4) expect(await pages()).toBe(probe);
    }
    expect(await pages()).toBe(128);
    await app.sql('select keyward_probe_write()');
    expect(await pages()).toBe(1);
  });

  it('stays ready while a backup reads its table', async () => {
    for (let probe = 0; probe < 130; probe++) await app.sql('select keyward_probe_write()');
    const backup = new pg.Client({ connectionString: app.databaseUrl });
    await backup.connect();
    await backup.query('begin');
    await backup.query('lock table health_writes in access share mode');
    await app.sql(`insert into health_writes (filler) select repeat('.', 600) from generate_series(1, 200)`);
    await delay(1000); // what was found is believed that long
    const { status } = await app.get('//health/ready', anonymous);
    await backup.end();
    expect(status).toBe(200);
  });
});

describe('a replica whose database fails', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('is not ready while the database is read-only, and is again by itself', async () => {
    expect((await app.get('//health/ready', anonymous)).status).toBe(200);
    await onServer(async (client) => {
      await client.query(`alter database ${nameOf(app)} set default_transaction_read_only = on`);
      await endSessions(client, app);
    });
    const refused = await becomes(app, '//health/ready', 503);
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'health.not_ready', failing: ['database'] });
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.text).not.toMatch(/read-only|transaction|insert|postgres:/i);

    const summary = await app.get('//health', anonymous);
    expect(summary.status).toBe(503);
    expect(summary.body).toMatchObject({
      failing: ['database'],
      probes: expect.arrayContaining([{ name: 'database', status: 'down' }]),
      version: expect.any(String),
    });
    expect((await app.get('//status', anonymous)).body).toMatchObject({ status: 'unavailable' });
    expect((await app.get('//health/live', anonymous)).status).toBe(200);

    await onServer((client) => client.query(`alter database ${nameOf(app)} reset default_transaction_read_only`));
    expect((await becomes(app, '//health/ready', 200)).status).toBe(200);
  });

  it('stays alive while the database is unreachable, and is ready again by itself', async () => {
    await onServer(async (client) => {
      await client.query(`alter database ${nameOf(app)} allow_connections false`);
      await endSessions(client, app);
    });
    expect((await becomes(app, '//health/ready', 503)).body).toMatchObject({ code: 'health.not_ready' });
    expect(await app.get('//health/live', anonymous)).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect((await app.get('//health/startup', anonymous)).status).toBe(200);
    await onServer((client) => client.query(`alter database ${nameOf(app)} allow_connections true`));
    expect((await becomes(app, '//health/ready', 200)).status).toBe(200);
  });

  it('answers that it is not ready within 2.5 s while the database hangs', async () => {
    await onServer(async () => {
      const holder = new pg.Client({ connectionString: app.databaseUrl });
      await holder.connect();
      await holder.query('begin');
      await holder.query('lock table health_writes in access exclusive mode');
      await delay(1000); // what was found is believed that long
      const startedAt = performance.now();
      const { status } = await app.get('//health/ready', anonymous);
      const took = performance.now() - startedAt;
      await holder.end();
      expect(status).toBe(503);
      expect(took).toBeLessThan(2500);
    });
    expect((await becomes(app, '//health/ready', 200)).status).toBe(200);
  });
});

describe('a replica whose Redis is away', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ REDIS_URL: 'redis://:redis-password-123@127.0.0.1:1' });
  });
  afterAll(() => app.close());

  it('is ready, and reports that it is degraded', async () => {
    expect((await app.get('//health/ready', anonymous)).status).toBe(200);
    const { status, body } = await app.get('//health', anonymous);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      probes: expect.arrayContaining([{ name: 'redis', status: 'degraded' }]),
    });
  });

  it('shows diagnostics without any secret', async () => {
    const { status, body, text } = await app.get('/admin/system/diagnostics');
    expect(status).toBe(200);
    for (const secret of ['redis-password-123', process.env.SECRET_KEY ?? '', app.adminKey])
      expect(text).not.toContain(secret);
    expect(body.configuration).toContainEqual(
      expect.objectContaining({ name: 'REDIS_URL', isSet: true, secret: true, value: null }),
    );
    expect(body.configuration).toContainEqual(
      expect.objectContaining({ name: 'PORT', isSet: false, secret: false, value: '3000' }),
    );
  });
});

describe('a replica that drains', () => {
  it('is not ready from the first signal on, but alive, and asks clients to connect elsewhere', async () => {
    const app = await startTestApp();
    expect((await app.get('//health/ready', anonymous)).status).toBe(200);
    app.app.get(Shutdown).begin();
    const refused = await app.get('//health/ready', anonymous);
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'health.draining', failing: [] });
    expect(refused.headers.get('connection')).toBe('close');
    expect((await app.get('//health/live', anonymous)).status).toBe(200);
    expect((await app.get('/profile')).status).toBe(200);
    await app.close();
  });
});

describe('the description of the system', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each(['/admin/system', '/admin/system/diagnostics'])(
    'is refused without a key or its permission: %s',
    async (path) => {
      const user = await app.user();
      expect((await app.get(path, anonymous)).body).toMatchObject({ status: 401, code: 'credential.missing' });
      expect((await app.get(path, { key: user.key })).body).toMatchObject({ status: 403, code: 'permission.missing' });
    },
  );

  it('tells versions, features and how much there is', async () => {
    const { status, body } = await app.get('/admin/system');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'Keyward',
      node: process.version,
      postgres: expect.stringMatching(/^\d+/),
      environment: null,
      features: expect.arrayContaining(['api-keys', 'audit', 'health', 'users']),
      holds: { organizations: 1, users: expect.any(Number), activeKeys: expect.any(Number) },
    });
    expect(body.holds.users).toBeGreaterThanOrEqual(1);
  });

  it('counts keys that work, and none that are revoked', async () => {
    const user = await app.user();
    const before = (await app.get('/admin/system')).body.holds.activeKeys;
    expect((await app.delete(`/admin/api-keys/${user.keyId}`)).status).toBe(204);
    expect((await app.get('/admin/system')).body.holds.activeKeys).toBe(before - 1);
  });

  it('counts only the caller’s organization where the caller’s roles reach no further, and shows it no diagnostics', async () => {
    const organizationId = uuidV7();
    await app.sql(`insert into organizations (id, slug, name) values ($1, 'other', 'Other')`, [organizationId]);
    await app.sql(`insert into roles (id, name, grants) values ($1, 'operator', '{system:*,monitoring:*}')`, [
      uuidV7(),
    ]);
    const operator = await app.user({ organizationId, roles: ['operator'] });
    const { body } = await app.get('/admin/system', { key: operator.key });
    expect(body.holds).toEqual({ organizations: 1, users: 1, activeKeys: 1 });
    const refused = await app.get('/admin/system/diagnostics', { key: operator.key });
    expect(refused.body).toMatchObject({ status: 403, code: 'system.installation_only' });
  });

  it('shows the inside of the replica in the diagnostics', async () => {
    await app.get('/profile', anonymous);
    const { status, body } = await app.get('/admin/system/diagnostics');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      versions: { node: process.version, postgres: expect.stringMatching(/^\d+/) },
      probes: expect.arrayContaining([
        expect.objectContaining({ name: 'database', status: 'up', durationMs: expect.any(Number) }),
      ]),
      migrations: { applied: expect.arrayContaining(['HealthWrites1764000006000']), pending: [] },
      pools: { management: { waiting: 0 }, verification: { waiting: 0 } },
      listenerConnected: true,
      eventLoop: { p50Ms: expect.any(Number), p99Ms: expect.any(Number), maxMs: expect.any(Number) },
      memory: { rssBytes: expect.any(Number) },
      usageQueue: { unrecorded: 0 },
      refusals: { 'credential.missing': expect.any(Number) },
      lastFaults: expect.any(Array),
    });
    expect(body.pools.management.total).toBeGreaterThan(0);
  });
});
