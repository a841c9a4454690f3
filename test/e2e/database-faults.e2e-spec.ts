import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { createTestDatabase, dropTestDatabase } from '../support/test-database.js';

const ANSWER_WITHIN_MS = 2500;
const RECOVER_WITHIN_MS = 1000;

/** Each brings the fault about; `recover` of the proxy and `mend` end it. */
const faults: [name: string, begin: (proxy: DatabaseProxy, admin: pg.Client, database: string) => unknown][] = [
  ['hangs', (proxy) => proxy.hang()],
  ['refuses connections', (proxy) => proxy.refuse()],
  [
    'is read-only',
    async (_, admin, database) => {
      await admin.query(`alter database ${database} set default_transaction_read_only = on`);
      await terminateBackends(admin);
    },
  ],
];

async function terminateBackends(admin: pg.Client): Promise<void> {
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
}

describe('while PostgreSQL', () => {
  let direct: string;
  let database: string;
  let admin: pg.Client;
  let proxy: DatabaseProxy;
  let app: TestApp;
  let cached: TestUser;
  let others: TestUser[];
  const unhandled: unknown[] = [];
  const keep = (reason: unknown): unknown => unhandled.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', keep).on('uncaughtException', keep);
    direct = await createTestDatabase();
    database = new URL(direct).pathname.slice(1);
    admin = new pg.Client(direct);
    await admin.connect();
    proxy = await DatabaseProxy.to(direct);
    app = await startTestApp({}, proxy.url);
    cached = await app.user();
    others = [];
    for (let i = 0; i < 20; i++) others.push(await app.user());
  });
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await admin.end();
    await dropTestDatabase(direct);
    process.off('unhandledRejection', keep).off('uncaughtException', keep);
  });

  const mend = async (): Promise<void> => {
    await admin.query(`alter database ${database} set default_transaction_read_only = off`);
    proxy.recover();
  };
  const timed = async (call: Promise<Answer>): Promise<Answer & { ms: number }> => {
    const startedAt = performance.now();
    return { ...(await call), ms: performance.now() - startedAt };
  };
  const expectUnavailable = (answer: Answer & { ms: number }): void => {
    const seen = { status: answer.status, code: answer.body.code, inTime: answer.ms < ANSWER_WITHIN_MS };
    expect({ ...seen, ms: answer.ms }).toEqual({ ...seen, status: 503, inTime: true, ms: answer.ms });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  };
  const firstSuccess = async (call: () => Promise<Answer>): Promise<number> => {
    const startedAt = performance.now();
    while ((await call()).status !== 200) await delay(20);
    return performance.now() - startedAt;
  };

  describe.each(faults)('%s', (name, begin) => {
    beforeAll(async () => {
      await app.get('/profile', { key: cached.key }); // so that the key is in the cache
      await begin(proxy, admin, database);
    });
    afterAll(mend);

    const calls = (): Promise<Answer & { ms: number }>[] => [
      timed(app.get('/profile', { key: cached.key })), // the key is in the cache, or was a moment ago
      timed(app.get('/admin/users')),
      timed(app.post('/admin/users', { email: `${Math.random()}@example.com` })),
      timed(app.patch(`/admin/users/${cached.id}`, { name: 'x' })),
      timed(app.delete(`/admin/users/${others[0]!.id}`)),
      timed(app.post('/api-keys', { name: 'x' })),
      timed(app.get('/profile', { key: null })), // refused without a query, but its record cannot be kept
    ];
    /** Ends the fault; resolves to what then took how long. */
    const recovery = async (): Promise<{ callMs: number; changeMs: number; readyMs: number; inTime: boolean }> => {
      await mend();
      const callMs = await firstSuccess(() => app.get('/profile', { key: cached.key }));
      const changeMs = await firstSuccess(() => app.patch(`/admin/users/${cached.id}`, { name }));
      const readyMs = await firstSuccess(() => app.get('//health/ready', { key: null }));
      const inTime = callMs + changeMs < RECOVER_WITHIN_MS && readyMs < 2 * RECOVER_WITHIN_MS;
      return { callMs, changeMs, readyMs, inTime };
    };

    it('calls of every kind, alone and together, are answered 503 with Retry-After within 2.5 s', async () => {
      for (const answer of await Promise.all(calls())) expectUnavailable(answer);
      const many = [
        ...others.map((other) => timed(app.get('/profile', { key: other.key }))),
        ...calls(),
        ...calls(),
        ...calls(),
      ];
      for (const answer of await Promise.all(many)) expectUnavailable(answer);
    }, 20_000);

    it('liveness stays green and quick, and readiness fails', async () => {
      const live = await timed(app.get('//health/live', { key: null }));
      expect([live.status, live.ms < 250]).toEqual([200, true]);
      // what a probe found is believed for a second
      const ready = await eventually(async () => {
        const answer = await timed(app.get('//health/ready', { key: null }));
        expect(answer.status).toBe(503);
        return answer;
      }, ANSWER_WITHIN_MS);
      expectUnavailable(ready);
    });

    it('nothing was changed, and within a second after the fault calls succeed again without a restart', async () => {
      let seen = await recovery();
      // a machine that is busy with other tests may be what was slow: then the same must be in time at another attempt
      for (let attempt = 2; attempt <= 3 && !seen.inTime; attempt++) {
        await begin(proxy, admin, database);
        for (const answer of await Promise.all(calls())) expectUnavailable(answer);
        seen = await recovery();
      }
      expect(seen).toEqual({ ...seen, inTime: true });
      const burst = await Promise.all(others.map((other) => app.get('/profile', { key: other.key })));
      expect(burst.map(({ status }) => status)).toEqual(others.map(() => 200));
    }, 30_000);
  });

  it('refuses connections, hundreds of refused calls write a handful of lines about it', async () => {
    proxy.refuse();
    const before = app.logger.lines.length;
    const calls = ['/profile', '/admin/users', '/orders'].flatMap((path) =>
      Array.from({ length: 100 }, () => app.get(path, { key: cached.key })),
    );
    for (const { status } of await Promise.all(calls)) expect(status).toBe(503);
    const complaints = app.logger.lines.slice(before).filter((line) => /^(warn|error)/.test(line));
    await mend();
    await firstSuccess(() => app.get('/profile', { key: cached.key }));
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.length).toBeLessThan(40);
  });

  it('loses its sessions, at most the calls that were using them fail, with 503, and the next succeed', async () => {
    for (let round = 0; round < 5; round++) {
      const running = others.map((other) => app.get('/admin/users', { key: other.key }));
      await terminateBackends(admin);
      for (const { status } of await Promise.all(running)) expect([403, 503]).toContain(status);
      const ms = await firstSuccess(() => app.get('/profile', { key: cached.key }));
      expect(ms).toBeLessThan(RECOVER_WITHIN_MS);
    }
  });

  it('was read-only, the sessions of that time fail one change together, not one each', async () => {
    await admin.query(`alter database ${database} set default_transaction_read_only = on`);
    await terminateBackends(admin);
    await Promise.all(others.map(() => app.get('/admin/users'))); // each opens a session that may only read
    await mend();
    const statuses: number[] = [];
    for (let change = 0; change < 10; change++)
      statuses.push((await app.patch(`/admin/users/${cached.id}`, { name: `${change}` })).status);
    expect(statuses.filter((status) => status !== 200).length).toBeLessThanOrEqual(1);
    expect(statuses.at(-1)).toBe(200);
  });

  it('keeps a row locked, a change of it is answered 503 in time and not made', async () => {
    await admin.query('begin');
    await admin.query('select from users where id = $1 for update', [cached.id]);
    const before = await admin.query('select version from users where id = $1', [cached.id]);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => timed(app.patch(`/admin/users/${cached.id}`, { name: 'held' }))),
    );
    await admin.query('rollback');
    for (const answer of answers) expectUnavailable(answer);
    expect((await admin.query('select version from users where id = $1', [cached.id])).rows).toEqual(before.rows);
  });

  it('is slow at every single query, a change is cut off before it adds up to a hang', async () => {
    await admin.query(
      `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.9); return new; end $$`,
    );
    for (const table of ['users', 'role_assignments', 'audit_events']) {
      await admin.query(`create trigger slow before insert on ${table} for each row execute function slow()`);
    }
    const answer = await timed(app.post('/admin/users', { email: 'slow@example.com' }));
    for (const table of ['users', 'role_assignments', 'audit_events'])
      await admin.query(`drop trigger slow on ${table}`);
    expectUnavailable(answer);
    expect((await admin.query(`select from users where email = 'slow@example.com'`)).rowCount).toBe(0);
  });

  it('failed in all these ways, nothing went unhandled', () => {
    expect(unhandled).toEqual([]);
  });

  it('hangs, the application still ends', async () => {
    proxy.hang();
    const closed = app.app.close().then(() => 'closed');
    const outcome = await Promise.race([closed, delay(8000, 'hangs', { ref: false })]);
    proxy.recover();
    await closed;
    expect(outcome).toBe('closed');
  }, 20_000);
});
