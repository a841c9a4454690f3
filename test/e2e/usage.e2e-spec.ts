import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { UsageRecorder } from '#libs/analytics';
import { RawConnection } from '../support/raw-connection.js';
import { type Call, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { customRole, organization } from '../support/tenants.js';
import { callsOfYears, sumUp } from '../support/usage-rows.js';

interface UsageRow {
  occurred_at: Date;
  duration_us: number;
  status_code: number;
  method: string;
  route: string | null;
  api_key_id: string | null;
  user_id: string | null;
  organization_id: string | null;
  address: string;
  user_agent: string | null;
  request_id: string;
  problem_code: string | null;
  refusal: string | null;
}

const rowsOf = (app: TestApp, requestId: string): Promise<UsageRow[]> =>
  app.sql<UsageRow>('select * from api_usage join usage_routes on id = route_id where request_id = $1', [requestId]);

describe('the usage record of a call', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await app.user();
  });
  afterAll(() => app.close());

  const record = async (method: string, path: string, options: Call = {}): Promise<UsageRow> => {
    const requestId = randomUUID();
    const answer = await app.call(method, path, {
      ...options,
      headers: { ...options.headers, 'x-request-id': requestId },
    });
    const rows = await rowsOf(app, requestId);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.status_code).toBe(answer.status);
    return rows[0]!;
  };

  it('says when, how long, what, by whom, from where and with what outcome', async () => {
    const before = Date.now();
    const row = await record('GET', `/api-keys/${user.keyId}?`, {
      key: user.key,
      headers: { 'user-agent': 'spec\\agent/1 "ü"' },
    });
    expect(row).toMatchObject({
      status_code: 200,
      method: 'GET',
      route: '/api/v1/api-keys/:id',
      api_key_id: user.keyId,
      user_id: user.id,
      organization_id: '00000000-0000-7000-8000-000000000000',
      address: '127.0.0.1',
      user_agent: 'spec\\agent/1 "ü"',
      problem_code: null,
      refusal: null,
    });
    expect(row.occurred_at.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(row.occurred_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(row.duration_us).toBeGreaterThan(0);
    expect(row.duration_us).toBeLessThan(10_000_000);
  });

  it.each<[string, number, string, string, Call, Partial<UsageRow>]>([
    [
      'a created resource',
      201,
      'POST',
      '/admin/users',
      { body: { email: 'usage@example.com' } },
      { route: '/api/v1/admin/users' },
    ],
    [
      'no credential',
      401,
      'GET',
      '/profile',
      { key: null },
      { problem_code: 'credential.missing', refusal: 'credential.missing', route: '/api/v1/profile', api_key_id: null },
    ],
    [
      'garbage',
      401,
      'GET',
      '/profile',
      { key: 'kw_garbage' },
      { problem_code: 'api_key.malformed', refusal: 'api_key.malformed: form or checksum', api_key_id: null },
    ],
    [
      'two credentials',
      400,
      'GET',
      '/profile',
      { headers: { authorization: 'Bearer other' } },
      { problem_code: 'request.ambiguous_credential', api_key_id: null },
    ],
    ['an unknown path', 404, 'GET', '/nothing/here', {}, { problem_code: 'request.not_found', route: null }],
    [
      'an unknown path outside the API',
      404,
      'GET',
      '//nothing',
      {},
      { problem_code: 'request.not_found', route: null },
    ],
    [
      'a wrong method',
      405,
      'PUT',
      '/profile',
      { body: {} },
      { problem_code: 'request.method_not_allowed', route: null },
    ],
    [
      'an unknown id',
      404,
      'GET',
      `/admin/users/${randomUUID()}`,
      {},
      { problem_code: 'request.not_found', route: '/api/v1/admin/users/:id' },
    ],
    ['an invalid body', 400, 'POST', '/admin/users', { body: { email: 1 } }, { problem_code: 'request.invalid' }],
    ['a body that is no JSON', 400, 'POST', '/admin/users', { body: '{' }, { problem_code: 'request.malformed' }],
    [
      'another media type',
      415,
      'POST',
      '/admin/users',
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      { problem_code: 'request.unsupported_media_type' },
    ],
    [
      'too large a body',
      413,
      'POST',
      '/admin/users',
      { body: `"${'x'.repeat(103_000)}"` },
      { problem_code: 'request.payload_too_large' },
    ],
    [
      'a conflict',
      409,
      'POST',
      '/admin/users',
      { body: { email: 'admin@example.com' } },
      { problem_code: 'user.email_taken' },
    ],
  ])('is made once for %s (%i)', async (_, status, method, path, call, expected) => {
    const row = await record(method, path, call);
    expect(row).toMatchObject({ status_code: status, method, ...expected });
    if (call.key === undefined && expected.api_key_id === undefined && expected.route !== null)
      expect(row.api_key_id).toBe(app.adminKeyId);
  });

  it('names the key and what it lacked for a refused permission (403)', async () => {
    const row = await record('GET', '/admin/users', { key: user.key });
    expect(row).toMatchObject({
      status_code: 403,
      problem_code: 'permission.missing',
      api_key_id: user.keyId,
      user_id: user.id,
    });
  });

  it('keeps the true reason of a refusal that the caller is not told', async () => {
    const victim = await app.user();
    await app.sql('update api_keys set secret_hash = $2 where id = $1', [victim.keyId, Buffer.alloc(32)]);
    const row = await record('GET', '/profile', { key: victim.key });
    expect(row).toMatchObject({
      status_code: 401,
      problem_code: 'api_key.invalid',
      refusal: 'api_key.invalid: wrong secret',
    });
  });

  it('is made for a call over its limit (429)', async () => {
    const limited = (await app.post('/api-keys', { name: 'limited', rateLimit: { limit: 1, windowSeconds: 60 } })).body;
    await app.get('/profile', { key: limited.key });
    expect(await record('GET', '/profile', { key: limited.key })).toMatchObject({
      status_code: 429,
      problem_code: 'rate_limit.api_key',
      api_key_id: limited.id,
      route: '/api/v1/profile',
    });
  });

  it('is made for what went wrong on our side (500), and for what could not be served (503)', async () => {
    await app.sql('alter table permissions rename to permissions_gone');
    await app.sql('alter table role_assignments rename to assignments_gone');
    const row = await record('GET', '/admin/users?role=user');
    await app.sql('alter table assignments_gone rename to role_assignments');
    await app.sql('alter table permissions_gone rename to permissions');
    expect(row.status_code).toBeGreaterThanOrEqual(500);
    expect(row.problem_code).not.toBeNull();
  });

  it('is made for a request that the server refused by itself, where it could be read', async () => {
    const requestId = randomUUID();
    const connection = await RawConnection.to(Number(new URL(app.url).port));
    connection.send(`GET /api/v1/profile HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Request-Id: ${requestId}\r\n\r\n`);
    expect(await connection.closes()).toContain('request.invalid_host');
    expect(await rowsOf(app, requestId)).toMatchObject([
      { status_code: 400, problem_code: 'request.invalid_host', route: null },
    ]);
  });

  it('is made once for a client that goes away in the middle of its body', async () => {
    const requestId = randomUUID();
    const connection = await RawConnection.to(Number(new URL(app.url).port));
    connection.send(
      `POST /api/v1/admin/users HTTP/1.1\r\nHost: test\r\nX-API-Key: ${app.adminKey}\r\nX-Request-Id: ${requestId}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email":`,
    );
    await delay(100); // the head must have been read; nothing tells when
    connection.abort();
    const rows = await eventually(() => rowsOf(app, requestId));
    expect(rows).toMatchObject([
      { method: 'POST', route: '/api/v1/admin/users', api_key_id: app.adminKeyId, status_code: 499 },
    ]);
  });

  it.each([
    ['an answer', 'orders', '/api/v1/orders'],
    ['a download', 'audit_events', '/api/v1/admin/logs/export?format=csv'],
  ])('says 499 for a client that left before %s began, not 200, nor that the server failed', async (_, table, path) => {
    const requestId = randomUUID();
    const locker = new pg.Client({ connectionString: app.databaseUrl });
    await locker.connect();
    await locker.query(`begin; lock table ${table}`);
    const arrival = once(app.app.getHttpServer(), 'connection');
    const connection = await RawConnection.to(Number(new URL(app.url).port));
    const [served] = (await arrival) as [Socket];
    connection.get(path, `X-API-Key: ${app.adminKey}\r\nX-Request-Id: ${requestId}\r\n`);
    await eventually(() => app.sql('select from pg_locks where relation = $1::regclass and not granted', [table]));
    const noticed = new Promise((resolve) => served.once('close', resolve));
    connection.abort();
    await noticed;
    await locker.query('rollback');
    await locker.end();
    expect(await eventually(() => rowsOf(app, requestId))).toMatchObject([
      { status_code: 499, method: 'GET', route: path.split('?')[0], api_key_id: app.adminKeyId },
    ]);
    expect(app.logger.lines.filter((line) => line.includes(requestId))).toEqual([
      expect.stringContaining('"status":499'),
    ]);
  });

  it('is made once for a client that does not wait for the answer, with what became of the call', async () => {
    const requestId = randomUUID();
    const connection = await RawConnection.to(Number(new URL(app.url).port));
    connection.get('/api/v1/admin/users', `X-API-Key: ${app.adminKey}\r\nX-Request-Id: ${requestId}\r\n`);
    connection.socket.end(); // half closed: everything was sent, nothing will be read
    await once(connection.socket, 'finish');
    connection.abort();
    const rows = await eventually(() => rowsOf(app, requestId));
    expect(rows).toHaveLength(1);
  });

  it.each([
    '//health',
    '//health/live',
    '//health/ready',
    '//status',
    '//docs',
    '//openapi.json',
    '//problems/request.invalid',
  ])('is not made for %s', async (path) => {
    const requestId = randomUUID();
    await app.get(path, { key: null, headers: { 'x-request-id': requestId } });
    expect(await rowsOf(app, requestId)).toEqual([]);
  });

  it('is in the database when the answer arrives, for each of 500 parallel calls of every kind', async () => {
    const calls = Array.from({ length: 500 }, async (_, index) => {
      const requestId = randomUUID();
      const key = [user.key, app.adminKey, null, 'kw_live_garbage'][index % 4];
      const path = ['/profile', '/admin/users', '/nothing'][index % 3]!;
      const answer = await app.get(path, { key, headers: { 'x-request-id': requestId } });
      const rows = await rowsOf(app, requestId);
      return { rows: rows.length, recorded: rows[0]?.status_code === answer.status };
    });
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter(({ rows, recorded }) => rows !== 1 || !recorded)).toEqual([]);
  });

  it('exists once for every request id', async () => {
    expect(await app.sql('select request_id from api_usage group by request_id having count(*) > 1')).toEqual([]);
  });
});

describe('sums of usage', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp(callsOfYears);
    user = await app.user({ roles: ['user'] });
    const calls = [200, 200, 200, 403, 404, 500].map((status, index) => [status, (index + 1) * 1000]);
    for (const [status, micros] of calls) {
      await app.sql(
        `insert into api_usage (occurred_at, duration_us, status_code, route_id, api_key_id, user_id, organization_id, request_id)
         values ('2026-01-01T12:00:00Z', $1, $2, usage_route_id('GET', '/api/v1/profile'), $3, $4, $5, gen_random_uuid())`,
        [micros, status, user.keyId, user.id, '00000000-0000-7000-8000-000000000000'],
      );
    }
    await sumUp(app);
  });
  afterAll(() => app.close());

  const sums = {
    calls: 6,
    errors: 3,
    clientErrors: 2,
    serverErrors: 1,
    errorShare: 0.5,
    activeKeys: 1,
    byStatus: { 200: 3, 403: 1, 404: 1, 500: 1 },
    topRoutes: [{ method: 'GET', route: '/api/v1/profile', calls: 6 }],
    // known to the width of a bin
    latencyMs: { p50: expect.closeTo(3, 0), p95: expect.closeTo(6, 0), p99: expect.closeTo(6, 0) },
  };
  const period = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';

  it('of everybody are right', async () => {
    const answer = await app.get(`/admin/analytics?${period}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', ...sums });
  });

  it('of one key are right, for its owner', async () => {
    const answer = await app.get(`/api-keys/${user.keyId}/usage?${period}`, { key: user.key });
    expect(answer.body).toMatchObject({ keyId: user.keyId, ...sums });
  });

  it('take the beginning of a period in and leave its end out', async () => {
    expect((await app.get('/admin/analytics?from=2026-01-01T12:00:00Z&to=2026-01-01T12:00:01Z')).body.calls).toBe(6);
    expect((await app.get('/admin/analytics?from=2026-01-01T00:00:00Z&to=2026-01-01T12:00:00Z')).body.calls).toBe(0);
  });

  it('of a period without calls are zero, not absent', async () => {
    expect((await app.get('/admin/analytics?from=2020-01-01&to=2020-01-02')).body).toMatchObject({
      calls: 0,
      errorShare: 0,
      byStatus: {},
      topRoutes: [],
      latencyMs: { p50: null, p95: null, p99: null },
    });
  });

  it('narrow to a user, a key and an organization', async () => {
    for (const filter of [`userId=${user.id}`, `keyId=${user.keyId}`]) {
      expect((await app.get(`/admin/analytics?${period}&${filter}`)).body.calls).toBe(6);
    }
    for (const filter of ['userId', 'keyId', 'organizationId']) {
      expect((await app.get(`/admin/analytics?${period}&${filter}=${randomUUID()}`)).body.calls).toBe(0);
    }
  });

  it('count the calls of this very moment', async () => {
    const key = (await app.post('/api-keys', { name: 'counted' })).body;
    for (let call = 0; call < 3; call++) await app.get('/profile', { key: key.key });
    const { body } = await app.get(`/api-keys/${key.id}/usage`);
    expect(body).toMatchObject({ calls: 3, byStatus: { 200: 3 }, errors: 0, lastUsedAt: expect.any(String) });
  });

  it('of a key that is not one’s own answer as those of a key that never was', async () => {
    const [foreign, absent] = [
      await app.get(`/api-keys/${app.adminKeyId}/usage`, { key: user.key }),
      await app.get(`/api-keys/${randomUUID()}/usage`, { key: user.key }),
    ];
    expect([foreign.status, foreign.body.detail]).toEqual([404, absent.body.detail]);
  });

  it('of another organization are not for its neighbour', async () => {
    await customRole(app, 'analyst', ['analytics:read']);
    const analyst = await app.user({ roles: ['analyst'], organizationId: await organization(app, 'neighbour') });
    for (const filter of ['', '&organizationId=00000000-0000-7000-8000-000000000000', `&userId=${user.id}`]) {
      expect((await app.get(`/admin/analytics?${period}${filter}`, { key: analyst.key })).body.calls).toBe(0);
    }
  });

  it.each([
    'from=x',
    'from=2026-W01',
    'from=2026-01-02&to=2026-01-01',
    'from=2026-01-01&to=2026-01-01',
    'keyId=x',
    'by=day',
  ])('refuse ?%s with 400', async (query) => {
    expect((await app.get(`/admin/analytics?${query}`)).status).toBe(400);
  });
});

describe('usage that cannot be recorded', () => {
  it('is answered 503 usage.unavailable with Retry-After in mode committed, and recorded again once it can be', async () => {
    const app = await startTestApp();
    await app.sql('alter table api_usage rename to api_usage_gone');
    const refused = await app.get('/profile');
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'usage.unavailable',
      '1',
    ]);
    expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await app.get('//health/live', { key: null })).status).toBe(200);
    await app.sql('alter table api_usage_gone rename to api_usage');
    expect((await app.get('/profile')).status).toBe(200);
    expect(app.app.get(UsageRecorder).load).toMatchObject({ unrecorded: 1, waiting: 0 });
    await app.close();
  });

  it('is dropped and counted in mode buffered, and no answer waits for it', async () => {
    const app = await startTestApp({ KEYWARD_USAGE_DURABILITY: 'buffered', KEYWARD_USAGE_BUFFER_ROWS: '100' });
    const recorder = app.app.get(UsageRecorder);
    await app.sql('alter table api_usage rename to api_usage_gone');
    const answers = await Promise.all(Array.from({ length: 150 }, () => app.get('/profile')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await eventually(() => (recorder.load.waiting === 0 ? [true] : []));
    expect(recorder.load.unrecorded).toBe(150);
    await app.sql('alter table api_usage_gone rename to api_usage');
    await app.get('/profile');
    await eventually(() => app.sql('select from api_usage'));
    expect(recorder.load).toMatchObject({ recorded: 1, waiting: 0 });
    await app.close();
  });

  it('is written before the process ends in mode buffered', async () => {
    const app = await startTestApp({ KEYWARD_USAGE_DURABILITY: 'buffered' });
    const other = await startTestApp({}, app.databaseUrl);
    await Promise.all(Array.from({ length: 50 }, () => app.get('/profile')));
    await app.app.close();
    expect(await other.sql('select from api_usage')).toHaveLength(50);
    await other.close();
    await app.close();
  });
});

/** What `attempt` finds, as soon as it finds something. */
async function eventually<T>(attempt: () => T[] | Promise<T[]>): Promise<T[]> {
  const deadline = Date.now() + 8000;
  for (;;) {
    const found = await attempt();
    if (found.length > 0 || Date.now() > deadline) return found;
    await delay(20);
  }
}
