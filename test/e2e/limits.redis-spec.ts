import { HIT_COUNTER } from '#libs/security';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { type Answer, startTestApp, type TestApp } from '../support/test-app.js';
import { createTestDatabase, dropTestDatabase } from '../support/test-database.js';

const ANSWER_WITHIN_MS = 1000;
const RECOVER_WITHIN_MS = 1000;
/** How long the first call of an outage waits for Redis. */
const WAIT_MS = 500;
const redisUrl = process.env.TEST_REDIS_URL ?? '';

/** Two replicas of one installation, each with a way of its own to the same Redis. */
describe('limits that replicas count in Redis', () => {
  let database: string;
  let proxies: DatabaseProxy[];
  let replicas: [TestApp, TestApp];
  let adminKey: string;
  const unhandled: unknown[] = [];
  const keep = (reason: unknown): unknown => unhandled.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', keep);
    database = await createTestDatabase();
    proxies = [await DatabaseProxy.to(redisUrl), await DatabaseProxy.to(redisUrl)];
    const environment = { KEYWARD_ADDRESS_LIMIT: 'off', KEYWARD_KEY_LIMIT: 'off' };
    const first = await startTestApp({ ...environment, REDIS_URL: proxies[0]!.url }, database);
    replicas = [first, await startTestApp({ ...environment, REDIS_URL: proxies[1]!.url }, database)];
    adminKey = first.adminKey;
    await Promise.all(replicas.map((replica) => together(replica)));
  });
  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    for (const proxy of proxies) await proxy.close();
    await dropTestDatabase(database);
    process.off('unhandledRejection', keep);
  });
  afterEach(async () => {
    for (const proxy of proxies) proxy.recover();
    await Promise.all(replicas.map((replica) => together(replica)));
  });

  /** Resolves when the replica counts in Redis, which its readiness tells without failing for it. */
  const together = (replica: TestApp): Promise<void> => seesRedis(replica, true);
  const seesRedis = (replica: TestApp, connected: boolean): Promise<void> =>
    eventually(async () => {
      expect(replica.app.get<{ connected: boolean }>(HIT_COUNTER).connected).toBe(connected);
    }, 3000);
  const issue = async (limit: number, windowSeconds = 60): Promise<string> =>
    (await replicas[0].post('/api-keys', { name: 'limited', rateLimit: { limit, windowSeconds } }, { key: adminKey }))
      .body.key;
  const call = (replica: TestApp, key: string): Promise<Answer> => replica.get('/api-keys/current', { key });
  const statuses = async (calls: readonly Promise<Answer>[]): Promise<Record<number, number>> => {
    const counts: Record<number, number> = {};
    for (const { status } of await Promise.all(calls)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
  const both = (key: string, times: number): Promise<Answer>[] =>
    Array.from({ length: times }, (_, at) => call(replicas[at % 2]!, key));
  /** Nest's loggers write to the application that was made last. */
  const logged = (): readonly string[] => replicas[1].logger.lines;
  const timed = async (key: string): Promise<{ status: number; ms: number }> => {
    const startedAt = performance.now();
    const { status } = await call(replicas[0], key);
    return { status, ms: performance.now() - startedAt };
  };

  it('are exact: two replicas under parallel calls let through as many as the limit says, and not one more', async () => {
    for (let round = 0; round < 5; round++)
      expect(await statuses(both(await issue(25), 100))).toEqual({ 200: 25, 429: 75 });
  });

  it('end for both replicas at the same time', async () => {
    const key = await issue(1, 1);
    expect((await call(replicas[0], key)).status).toBe(200);
    expect((await call(replicas[1], key)).status).toBe(429);
    await eventually(async () => expect((await call(replicas[1], key)).status).toBe(200), 3000);
    expect((await call(replicas[0], key)).status).toBe(429);
  });

  const faults: [name: string, begin: (proxy: DatabaseProxy) => void][] = [
    ['hangs', (proxy) => proxy.hang()],
    ['is killed', (proxy) => proxy.refuse()],
  ];
  describe.each(faults)('while Redis %s for one of them', (_, begin) => {
    it('are counted by that one alone: every call is answered in time, and its own limit still holds', async () => {
      const key = await issue(10);
      begin(proxies[0]!);
      const answers = await Promise.all(Array.from({ length: 30 }, () => timed(key)));
      expect(answers.filter(({ ms }) => ms > ANSWER_WITHIN_MS)).toEqual([]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
      await seesRedis(replicas[0], false);
      expect(await statuses(Array.from({ length: 30 }, () => call(replicas[1], key)))).toEqual({ 200: 10, 429: 20 });
    });

    it('cost no call more than a first one a wait, for as long as it lasts', async () => {
      const key = await issue(1000);
      begin(proxies[0]!);
      await seesOutage(key);
      const endsAt = performance.now() + 3000;
      let slowest = 0;
      while (performance.now() < endsAt) slowest = Math.max(slowest, (await timed(key)).ms);
      expect(slowest).toBeLessThan(WAIT_MS);
    });

    it('are counted together again within a second after its end', async () => {
      const key = await issue(4);
      begin(proxies[0]!);
      await seesOutage(key);
      proxies[0]!.recover();
      const recoveredAt = performance.now();
      await together(replicas[0]);
      expect(performance.now() - recoveredAt).toBeLessThan(RECOVER_WITHIN_MS);
      const fresh = await issue(10);
      expect(await statuses(both(fresh, 40))).toEqual({ 200: 10, 429: 30 });
    });

    it('leave readiness green, and tell of it once', async () => {
      const before = logged().length;
      begin(proxies[0]!);
      await seesOutage(await issue(1000));
      expect((await replicas[0].get('//health/ready', { key: null })).status).toBe(200);
      await eventually(async () => {
        const { body } = await replicas[0].get('//health', { key: null });
        expect(body.status).toBe('degraded');
      }, 3000);
      const warnings = logged()
        .slice(before)
        .filter((line) => line.includes('Redis does not answer') && line.includes('RedisHitCounter'));
      expect(warnings).toHaveLength(1);
    });

    const seesOutage = async (key: string): Promise<void> => {
      await call(replicas[0], key);
      await seesRedis(replicas[0], false);
    };
  });

  it('have been through all this without an unhandled rejection', () => {
    expect(unhandled).toEqual([]);
  });
});
