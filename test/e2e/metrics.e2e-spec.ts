import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { MetricsServer } from '#libs/metrics';
import { eventually } from '../support/eventually.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { textOf } from '../support/source-files.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { createTestDatabase, dropTestDatabase } from '../support/test-database.js';

const urlOf = (app: TestApp): string => app.app.get(MetricsServer).url ?? 'http://not.served';
const scrape = async (app: TestApp): Promise<string> => (await fetch(urlOf(app))).text();

/** The value of a sample, named as Prometheus writes it; undefined where there is none. */
function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

const answers = (route: string, status: number): string =>
  `keyward_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`;

describe('the metrics', () => {
  let app: TestApp;
  let user: TestUser;

  beforeAll(async () => {
    app = await startTestApp({
      KEYWARD_METRICS_PORT: '0',
      KEYWARD_USAGE_BATCH_ROWS: '321',
      KEYWARD_USAGE_BUFFER_ROWS: '4321',
      KEYWARD_USAGE_MAX_WAIT_MS: '2',
    });
    user = await app.user();
  });
  afterAll(() => app.close());

  it('are served on a port of their own, and not on that of the API', async () => {
    const answer = await fetch(urlOf(app));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(new URL(urlOf(app)).port).not.toBe(new URL(app.url).port);
    expect((await app.get('//metrics')).status).toBe(404);
    expect((await app.get('/metrics')).status).toBe(404);
  });

  it('are all that is served there, to whoever reads', async () => {
    const elsewhere = await fetch(new URL('/api/v1/api-keys', urlOf(app)), { headers: { 'x-api-key': app.adminKey } });
    expect(elsewhere.status).toBe(404);
    const written = await fetch(urlOf(app), { method: 'POST', body: 'x' });
    expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(urlOf(app), { method: 'HEAD' })).status).toBe(200);
  });

  it('are text that Prometheus reads: samples of described families, each once', async () => {
    const lines = (await scrape(app)).trimEnd().split('\n');
    const families = new Set<string>();
    const seen = new Set<string>();
    for (const line of lines.filter((text) => text !== '')) {
      const described = /^# (?:HELP|TYPE) ([a-z_:][a-z0-9_:]*) \S/i.exec(line);
      if (described?.[1] !== undefined) {
        families.add(described[1]);
        continue;
      }
      const read =
        /^(([a-z_:][a-z0-9_:]*)(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (?:[-+]?[0-9.e+-]+|[+-]Inf|NaN)$/i.exec(
          line,
        );
      expect([line, read !== null]).toEqual([line, true]);
      const [, whole = '', name = ''] = read ?? [];
      expect(families).toContain(families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));
      expect(seen).not.toContain(whole);
      seen.add(whole);
    }
    expect(seen.size).toBeGreaterThan(50);
  });

  it('are those that docs/metrics.md lists, with their labels', async () => {
    await app.get('/profile', { key: 'garbage' });
    const served = [...(await scrape(app)).matchAll(/^# TYPE (keyward_\S+) (\w+)$/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    );
    const listed = [...textOf('docs/metrics.md').matchAll(/^\| `(keyward_\w+)` +\| (\w+)/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    );
    expect(served.toSorted()).toEqual(listed.toSorted());
  });

  it('count answers by route and status, refused ones and those without a route too', async () => {
    const before = await scrape(app);
    await app.get('/profile', { key: user.key });
    await app.get('/profile', { key: user.key });
    await app.get('/profile', { key: null });
    await app.get('/admin/users', { key: user.key });
    await app.get('/nowhere', { key: user.key });
    const after = await scrape(app);
    const more = (name: string): number => (sample(after, name) ?? 0) - (sample(before, name) ?? 0);
    expect(more(answers('/api/v1/profile', 200))).toBe(2);
    expect(more(answers('/api/v1/profile', 401))).toBe(1);
    expect(more(answers('/api/v1/admin/users', 403))).toBe(1);
    expect(more(answers('', 404))).toBe(1);
    expect(more('keyward_access_refusals_total{reason="credential.missing"}')).toBe(1);
    expect(more('keyward_access_refusals_total{reason="permission.missing"}')).toBe(1);
  });

  it('tell of every usage record, of its batch, and of the bounds that were set', async () => {
    const before = await scrape(app);
    await Promise.all(Array.from({ length: 20 }, () => app.get('/profile', { key: user.key })));
    const after = await scrape(app);
    const more = (name: string): number => (sample(after, name) ?? 0) - (sample(before, name) ?? 0);
    expect(more('keyward_usage_records_total{outcome="recorded"}')).toBe(20);
    expect(more('keyward_usage_batch_records_sum')).toBe(20);
    const batches = more('keyward_usage_batch_records_count');
    expect(batches).toBeGreaterThan(0);
    expect(more('keyward_usage_batch_wait_seconds_count')).toBe(batches);
    expect(more('keyward_usage_batch_commit_seconds_count')).toBe(batches);
    expect(sample(after, 'keyward_usage_waiting_records')).toBe(0);
    expect(sample(after, 'keyward_usage_batch_bound_records')).toBe(321);
    expect(sample(after, 'keyward_usage_waiting_bound_records')).toBe(4321);
    expect(sample(after, 'keyward_usage_wait_bound_seconds')).toBe(0.002);
    expect(sample(after, 'keyward_usage_durable')).toBe(1);
    expect(sample(after, 'keyward_usage_sink_dropped_records_total{sink="OrderUsageSink"}')).toBe(0);
  });

  it('hold nothing that a client sent, and no secret', async () => {
    await app.get('/no-such-place-at-all', { key: user.key, headers: { 'user-agent': 'agent-of-a-client' } });
    await app.call('PROPFIND', '/profile', { key: user.key });
    const text = await scrape(app);
    for (const told of [
      user.key,
      app.adminKey,
      user.id,
      user.keyId,
      user.email,
      'no-such-place',
      'agent-of-a-client',
      'a secret for tests',
    ]) {
      expect(text).not.toContain(told);
    }
  });
});

describe('the metrics, while PostgreSQL hangs,', () => {
  it('are answered, and tell of it', async () => {
    const direct = await createTestDatabase();
    const proxy = await DatabaseProxy.to(direct);
    const app = await startTestApp({ KEYWARD_METRICS_PORT: '0' }, proxy.url);
    try {
      expect(sample(await scrape(app), 'keyward_probe_up{probe="database"}')).toBe(1);
      proxy.hang();
      expect((await app.get('/profile')).status).toBe(503);
      await eventually(async () => {
        const text = await scrape(app);
        expect(sample(text, 'keyward_probe_up{probe="database"}')).toBe(0);
        expect(sample(text, answers('/api/v1/profile', 503))).toBe(1);
        expect(sample(text, 'keyward_usage_records_total{outcome="unrecorded"}')).toBe(1);
      });
    } finally {
      proxy.recover();
      await app.close();
      await proxy.close();
      await dropTestDatabase(direct);
    }
  });
});

describe('the port of the metrics', () => {
  let database: string;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => dropTestDatabase(database));

  it('is not opened unless it is set', async () => {
    const app = await startTestApp({}, database);
    expect(app.app.get(MetricsServer).url).toBeUndefined();
    await app.close();
  });

  it('stops the boot when it is that of the API', async () => {
    await expect(startTestApp({ PORT: '3999', KEYWARD_METRICS_PORT: '3999' }, database)).rejects.toThrow(
      'KEYWARD_METRICS_PORT is 3999, and so is PORT.',
    );
  });

  it('stops the boot when it is taken, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startTestApp({ KEYWARD_METRICS_PORT: String(port) }, database)).rejects.toThrow(
      `KEYWARD_METRICS_PORT: 127.0.0.1:${port} cannot be listened on (EADDRINUSE). Set it to a free port`,
    );
    other.close();
  });
});
