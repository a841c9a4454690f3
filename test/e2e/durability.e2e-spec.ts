import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

describe('what was acknowledged', () => {
  let app: TestApp;
  let users: TestUser[];
  beforeAll(async () => {
    app = await startTestApp();
    users = await Promise.all(Array.from({ length: 8 }, () => app.user()));
  });
  afterAll(() => app.close());

  /** Calls until `ended`, four at a time for each user; what was answered, by request id. */
  const load = async (ended: () => boolean, method: 'read' | 'write'): Promise<Map<string, number>> => {
    const answered = new Map<string, number>();
    const caller = async ({ key }: TestUser): Promise<void> => {
      while (!ended()) {
        const requestId = randomUUID();
        const options = { key, headers: { 'x-request-id': requestId } };
        const { status } = await (method === 'read'
          ? app.get('/profile', options)
          : app.post('/api-keys', { name: 'durable' }, options));
        answered.set(requestId, status);
      }
    };
    await Promise.all(users.flatMap((user) => [caller(user), caller(user), caller(user), caller(user)]));
    return answered;
  };

  const terminate = (name: string): Promise<unknown[]> =>
    app.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1',
      [name],
    );

  it('has its usage record exactly once though the connections that write them are killed ten times meanwhile', async () => {
    let isOver = false;
    const loading = load(() => isOver, 'read');
    for (let kill = 0; kill < 10; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 30 + 15 * kill)); // at moments that are not in step with the batches
      await terminate('keyward usage');
    }
    isOver = true;
    const answered = await loading;
    const kept = [...answered].filter(([, status]) => status === 200).map(([id]) => id);
    expect(kept.length).toBeGreaterThan(50);
    const rows = await app.sql<{ request_id: string; records: number }>(
      'select request_id, count(*)::int as records from api_usage where request_id = any ($1) group by 1',
      [[...answered.keys()]],
    );
    const records = new Map(rows.map((row) => [row.request_id, row.records]));
    expect(kept.filter((id) => records.get(id) !== 1)).toEqual([]);
    expect(rows.filter((row) => row.records > 1)).toEqual([]);
    expect([...answered.values()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  }, 60_000);

  it('was made and has its audit event, and what was not made has none, though sessions are killed meanwhile', async () => {
    let isOver = false;
    const loading = load(() => isOver, 'write');
    for (let kill = 0; kill < 8; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 40 + 10 * kill));
      await terminate('keyward');
    }
    isOver = true;
    const answered = await loading;
    const made = [...answered].filter(([, status]) => status === 201).map(([id]) => id);
    expect(made.length).toBeGreaterThan(10);
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
  }, 60_000);
});
