import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

describe('what was acknowledged', () => {
  let app: TestApp;
  let users: TestUser[];
  beforeAll(async () => {
    app = await startTestApp();
    users = await Promise.all(Array.from({ length: 8 }, () => app.user()));
  });
  afterAll(() => app.close());

  /**
   * Calls without a pause, four at a time for each user, while the sessions named `name` are killed `kills` times; each
   * kill waits for progress since the one before, so that it meets work under way on a machine of any speed. What was
   * answered, by request id.
   */
  const loadWhileKilling = async (
    name: string,
    kills: number,
    { call, done }: { call: (key: string, requestId: string) => Promise<Answer>; done: number },
  ): Promise<Map<string, number>> => {
    const answered = new Map<string, number>();
    let isOver = false;
    const caller = async ({ key }: TestUser): Promise<void> => {
      while (!isOver) {
        const requestId = randomUUID();
        answered.set(requestId, (await call(key, requestId)).status);
      }
    };
    const loading = Promise.all(users.flatMap((user) => [caller(user), caller(user), caller(user), caller(user)]));
    const succeeded = (): number => [...answered.values()].filter((status) => status === done).length;
    try {
      for (let kill = 0; kill < kills; kill++) {
        const enough = succeeded() + 10;
        await eventually(async () => expect(succeeded()).toBeGreaterThanOrEqual(enough), 30_000);
        await new Promise((resolve) => setTimeout(resolve, 3 * kill)); // out of step with the batches
        await app.sql(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1',
          [name],
        );
      }
    } finally {
      isOver = true;
      await loading;
    }
    return answered;
  };

  it('has its usage record exactly once though the connections that write them are killed ten times meanwhile', async () => {
    const answered = await loadWhileKilling('keyward usage', 10, {
      call: (key, requestId) => app.get('/profile', { key, headers: { 'x-request-id': requestId } }),
      done: 200,
    });
    const kept = [...answered].filter(([, status]) => status === 200).map(([id]) => id);
    expect(kept.length).toBeGreaterThanOrEqual(100);
    const rows = await app.sql<{ request_id: string; records: number }>(
      'select request_id, count(*)::int as records from api_usage where request_id = any ($1) group by 1',
      [[...answered.keys()]],
    );
    const records = new Map(rows.map((row) => [row.request_id, row.records]));
    expect(kept.filter((id) => records.get(id) !== 1)).toEqual([]);
    expect(rows.filter((row) => row.records > 1)).toEqual([]);
    expect([...answered.values()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  }, 120_000);

  it('was made and has its audit event, and what was not made has none, though sessions are killed meanwhile', async () => {
    const answered = await loadWhileKilling('keyward', 8, {
      call: (key, requestId) =>
        app.post('/api-keys', { name: 'durable' }, { key, headers: { 'x-request-id': requestId } }),
      done: 201,
    });
    const made = [...answered].filter(([, status]) => status === 201).map(([id]) => id);
    expect(made.length).toBeGreaterThanOrEqual(80);
    const events = await app.sql<{ request_id: string; target_id: string }>(
      `select request_id, target_id from audit_events where action = 'api_key.issued' and request_id = any ($1)`,
      [[...answered.keys()]],
    );
    expect(made.filter((id) => events.filter((event) => event.request_id === id).length !== 1)).toEqual([]);
    expect(
      await app.sql(
        `select from audit_events e left join api_keys k on k.id::text = e.target_id where e.action = 'api_key.issued' and k.id is null`,
      ),
    ).toEqual([]);
    expect(
      await app.sql(
        `select from api_keys k left join audit_events e on e.target_id = k.id::text and e.action = 'api_key.issued' where e.id is null`,
      ),
    ).toEqual([]);
    expect([...answered.values()].filter((status) => status !== 201 && status !== 503)).toEqual([]);
  }, 120_000);
});
