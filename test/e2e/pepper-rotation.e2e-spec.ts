import { startTestApp, type Answer, type TestApp } from '../support/test-app.js';
import { createTestDatabase, dropTestDatabase } from '../support/test-database.js';
import { eventually } from '../support/eventually.js';

const A = { SECRET_KEY: 'the first secret of this installation' };
const B = { SECRET_KEY: 'the secret that takes the first one’s place' };

/** Both steps of the rotation, on one database: A alone, then B with A as its predecessor, then B alone. */
describe('rotating SECRET_KEY', () => {
  let database: string;
  let app: TestApp;
  let used: { id: string; key: string };
  let idle: { id: string; key: string };
  let cursor: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startTestApp(A, database);
    used = (await app.post('/api-keys', { name: 'used' })).body;
    idle = (await app.post('/api-keys', { name: 'idle' })).body;
    cursor = (await app.get('/api-keys?limit=1')).body.next;
  });
  afterAll(async () => {
    await app.close();
    await dropTestDatabase(database);
  });

  const restart = async (environment: Record<string, string>): Promise<void> => {
    await app.close();
    app = await startTestApp(environment, database);
  };
  const use = (key: string): Promise<Answer> => app.get('/api-keys/current', { key });
  const stored = async (id: string): Promise<{ pepper_version: string; secret_hash: Buffer } | undefined> =>
    (
      await app.sql<{ pepper_version: string; secret_hash: Buffer }>(
        'select pepper_version, secret_hash from api_keys where id = $1',
        [id],
      )
    )[0];

  it('keeps keys working while SECRET_KEY_PREVIOUS names the former, and moves each to the new one at its use', async () => {
    const before = await stored(used.id);
    await restart({ ...B, SECRET_KEY_PREVIOUS: A.SECRET_KEY });
    expect((await use(used.key)).status).toBe(200);
    await eventually(async () => expect((await stored(used.id))?.pepper_version).not.toBe(before?.pepper_version));
    expect((await stored(used.id))?.secret_hash).not.toEqual(before?.secret_hash);
    expect((await use(used.key)).status).toBe(200);
    expect((await stored(idle.id))?.pepper_version).toBe(before?.pepper_version);
  });

  it('keeps cursors working meanwhile', async () => {
    expect((await app.get(`/api-keys?limit=1&after=${cursor}`, { key: used.key })).status).toBe(200);
  });

  it('still refuses a wrong secret of a key under the former pepper', async () => {
    const { forged } = await import('../support/key-form.js');
    expect((await use(forged(idle.key, { secret: 'z'.repeat(43) }))).body.code).toBe('api_key.invalid');
    expect((await stored(idle.id))?.pepper_version).not.toBe((await stored(used.id))?.pepper_version);
  });

  it('is over once the former is gone: what was used works, what never was is 401 api_key.invalid, and the log says so', async () => {
    await restart(B);
    expect((await use(used.key)).status).toBe(200);
    const refused = await use(idle.key);
    expect([refused.status, refused.body.code]).toEqual([401, 'api_key.invalid']);
    expect(app.logger.lines.filter((line) => line.includes('SECRET_KEY_PREVIOUS'))).toHaveLength(1);
    expect((await app.get(`/api-keys?limit=1&after=${cursor}`, { key: used.key })).body.code).toBe(
      'request.invalid_cursor',
    );
  });

  it('can be made good: with the former back, the idle key works again', async () => {
    await restart({ ...B, SECRET_KEY_PREVIOUS: A.SECRET_KEY });
    expect((await use(idle.key)).status).toBe(200);
  });
});
