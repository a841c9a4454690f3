import { PreparedSql, Notifications } from '#libs/database';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';
import { eventually } from '../support/eventually.js';

const terminateListeners = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'keyward listen' and datname = current_database()`;

/** How B is cut off from news of what A does, while it goes on serving. */
const cuts: [string, (b: TestApp) => Promise<void>][] = [
  [
    'whose listening backend was terminated',
    async (b) => {
      await b.sql(terminateListeners);
    },
  ],
  [
    'whose listening socket was silently cut',
    async (b) => {
      await eventually(async () => expect(b.app.get(Notifications).connected).toBe(true), 4000);
      listeningSocket(b).pause();
    },
  ],
];

/** Well below the 900 ms after which a replica asks the database anyway, and room for a busy machine. */
const NEWS_WITHIN_MS = 400;

describe('two replicas on one database', () => {
  let a: TestApp;
  let b: TestApp;
  beforeAll(async () => {
    a = await startTestApp();
    b = await startTestApp({}, a.databaseUrl);
  });
  afterAll(async () => {
    await b.close();
    await a.close();
  });

  const on = (replica: TestApp, key: string): Promise<Answer> => replica.get('/api-keys', { key });

  const delays: number[] = [];
  const changes: [string, (user: TestUser) => Promise<Answer>, string][] = [
    ['revoked', ({ keyId }) => a.delete(`/admin/api-keys/${keyId}`), 'api_key.revoked'],
    ['disabled', ({ keyId }) => a.patch(`/admin/api-keys/${keyId}`, { status: 'disabled' }), 'api_key.disabled'],
    ['rotated without grace', ({ keyId }) => a.post(`/admin/api-keys/${keyId}/rotate`), 'api_key.revoked'],
    ['narrowed', ({ keyId }) => a.patch(`/admin/api-keys/${keyId}`, { permissions: [] }), 'permission.missing'],
    [
      'bound to another address',
      ({ keyId }) => a.patch(`/admin/api-keys/${keyId}`, { allowedAddresses: ['192.0.2.1'] }),
      'api_key.address_not_allowed',
    ],
    ['of an owner who was locked', ({ id }) => a.post(`/admin/users/${id}/lock`, { reason: 'left' }), 'account.locked'],
    ['of an owner who was deleted', ({ id }) => a.delete(`/admin/users/${id}`), 'api_key.revoked'],
    [
      'of an owner who lost the role',
      ({ id }) => a.put(`/admin/users/${id}/roles`, { roles: [] }),
      'permission.missing',
    ],
  ];

  it.each(changes)(
    'refuse a key that was %s on one, on the other too, long before its time in the cache is up',
    async (_, change, code) => {
      const user = await a.user();
      expect([(await on(a, user.key)).status, (await on(b, user.key)).status]).toEqual([200, 200]);
      expect((await change(user)).status).toBeLessThan(300);
      const answered = performance.now();
      await eventually(async () => expect((await on(b, user.key)).body.code).toBe(code), NEWS_WITHIN_MS);
      delays.push(performance.now() - answered);
      expect((await on(a, user.key)).body.code).toBe(code);
    },
  );

  it('refuse it on the other within 50 ms in the middle, the time of the refused call included', () => {
    expect(delays).toHaveLength(changes.length);
    expect(delays.toSorted((x, y) => x - y)[changes.length / 2]).toBeLessThan(50);
  });

  it('refuse at once on the one that answered', async () => {
    for (const [, change, code] of changes) {
      const user = await a.user();
      expect((await on(a, user.key)).status).toBe(200);
      await change(user);
      expect((await on(a, user.key)).body.code).toBe(code);
    }
  });

  it('allow on the other what was allowed on one', async () => {
    const user = await a.user();
    expect((await b.get('/admin/users', { key: user.key })).status).toBe(403);
    await a.put(`/admin/users/${user.id}/roles`, { roles: ['admin'] });
    await eventually(
      async () => expect((await b.get('/admin/users', { key: user.key })).status).toBe(200),
      NEWS_WITHIN_MS,
    );
    await a.put(`/admin/users/${user.id}/roles`, { roles: ['user'] });
    await eventually(
      async () => expect((await b.get('/admin/users', { key: user.key })).status).toBe(403),
      NEWS_WITHIN_MS,
    );
  });

  it('show one and the same key to both: issued on one, used, rotated and revoked on the other', async () => {
    const { key } = await a.user();
    const issued = (await b.post('/api-keys', { name: 'from b' }, { key })).body;
    const rotated = (await a.post(`/api-keys/${issued.id}/rotate`, {}, { key: issued.key })).body;
    await eventually(async () => expect((await on(b, issued.key)).body.code).toBe('api_key.revoked'), NEWS_WITHIN_MS);
    expect((await b.delete('/api-keys/current', { key: rotated.key })).status).toBe(204);
    expect((await on(b, rotated.key)).body.code).toBe('api_key.revoked');
  });

  describe.each(cuts)('one of them %s', (_, cut) => {
    it.each(changes)(
      'refuses a key that was %s on the other after a second at the very most',
      async (__, change, code) => {
        const user = await a.user();
        await cut(b);
        expect((await on(b, user.key)).status).toBe(200);
        const keptWarm = warm(user.key);
        expect((await change(user)).status).toBeLessThan(300);
        const answered = performance.now();
        const last = await keptWarm(code);
        expect(last - answered).toBeLessThan(1000);
      },
    );
  });

  /** Calls B with `key` without a pause; returns what waits for the refusal and tells when the last admitted call began. */
  function warm(key: string): (code: string) => Promise<number> {
    let wanted: string | undefined;
    let lastAdmitted = performance.now();
    const calls = (async () => {
      for (;;) {
        const began = performance.now();
        const answer = await on(b, key);
        if (answer.status === 200) lastAdmitted = began;
        else if (answer.body.code === wanted) return lastAdmitted;
        if (answer.status !== 200 && wanted !== undefined && answer.body.code !== wanted) throw new Error(answer.text);
        if (performance.now() - lastAdmitted > 3000) throw new Error(`still ${answer.text}`);
      }
    })();
    return async (code) => {
      wanted = code;
      return calls;
    };
  }

  it.each(cuts)('one of them %s: it hears the news again within three seconds, by itself', async (_, cut) => {
    await eventually(async () => expect(b.app.get(Notifications).connected).toBe(true), 2000);
    const before = listeningSocket(b);
    await cut(b);
    await eventually(
      async () => expect(listeningSocket(b) !== before && b.app.get(Notifications).connected).toBe(true),
      3500,
    );
    const user = await a.user();
    expect((await on(b, user.key)).status).toBe(200);
    await a.delete(`/admin/api-keys/${user.keyId}`);
    await eventually(async () => expect((await on(b, user.key)).body.code).toBe('api_key.revoked'), NEWS_WITHIN_MS);
  });

  it('forget everything when their news were interrupted: something may have been missed', async () => {
    const user = await a.user();
    await on(b, user.key);
    const queries = jest.spyOn(b.app.get(PreparedSql), 'rows');
    await on(b, user.key);
    const untold = queries.mock.calls.length;
    await b.sql(terminateListeners);
    await eventually(async () => {
      await on(b, user.key);
      expect(queries.mock.calls.length).toBeGreaterThan(untold);
    }, 500);
    queries.mockRestore();
  });
});

/** The socket on which the replica hears notifications. */
function listeningSocket(replica: TestApp): { pause(): unknown } {
  const client: unknown = Reflect.get(replica.app.get(Notifications), 'client');
  return (
    (client as { connection: { stream: { pause(): unknown } } } | undefined)?.connection.stream ?? {
      pause: () => undefined,
    }
  );
}
