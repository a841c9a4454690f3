import { KeywardCommand, type Run } from '../support/keyward-command.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/test-database.js';

/** Nothing listens there. */
const NOWHERE = 'postgres://keyward:hunter2@127.0.0.1:1/keyward';

describe('The command line', () => {
  let app: TestApp;
  let command: KeywardCommand;

  const processOn = (databaseUrl: string, ...args: string[]): Promise<Run> =>
    command.run({ SECRET_KEY: process.env.SECRET_KEY, DATABASE_URL: databaseUrl }, args);
  const keywardOn = (databaseUrl: string, ...args: string[]): Promise<Run> =>
    command.runHere(app, { DATABASE_URL: databaseUrl }, args);
  const keyward = (...args: string[]): Promise<Run> => keywardOn(app.databaseUrl, ...args);
  const answerOf = async (...args: string[]): Promise<any> => {
    const { exitCode, stdout, stderr } = await keyward(...args, '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    command = await KeywardCommand.built();
    app = await startTestApp();
  }, 180_000);
  afterAll(async () => {
    await app.close();
    command.remove();
  });

  // an entry of the server's cache may also end by itself just then: once would be luck, three times is not
  it.each([1, 2, 3])('makes the running server refuse a key as soon as its revocation is answered (%i)', async () => {
    const { key, keyId } = await app.user();
    let isAnswered = false;
    const revoking = answerOf('keys', 'revoke', keyId, '--reason', 'leaked').finally(() => (isAnswered = true));
    // a key in constant use is always in the server's cache, which would serve it for most of a second more
    let served = 0;
    while (!isAnswered) served += Number((await app.get('/profile', { key })).status === 200);
    const refused = await app.get('/profile', { key });
    expect(served).toBeGreaterThan(1);
    expect(refused.status).toBe(401);
    expect(refused.body.code).toBe('api_key.revoked');
    expect(await revoking).toMatchObject({ id: keyId, status: 'revoked', revocationReason: 'leaked' });
  });

  it('issues a key that the server accepts, with the answer of the API', async () => {
    const { email, id } = await app.user();
    const args = ['--name', 'ci', '--permissions', 'profile:update', '--expires-in-days', '90', '--environment', 'dev'];
    const run = await processOn(app.databaseUrl, 'keys', 'issue', '--owner', email.toUpperCase(), ...args, '--json');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    const issued = JSON.parse(run.stdout);
    expect(issued).toMatchObject({
      ownerId: id,
      name: 'ci',
      environment: 'dev',
      permissions: ['profile:update'],
      status: 'active',
    });
    expect(issued.key.startsWith(issued.start)).toBe(true);
    expect((await app.get('/api-keys/current', { key: issued.key })).body.id).toBe(issued.id);
  });

  it('issues a key that works from the given networks only', async () => {
    const { id } = await app.user();
    const issued = await answerOf(
      'keys',
      'issue',
      '--owner',
      id,
      '--name',
      'office',
      '--address',
      '192.0.2.0/24',
      '2001:db8::/32',
    );
    expect(issued.allowedAddresses).toEqual(['192.0.2.0/24', '2001:db8::/32']);
    expect((await app.get('/profile', { key: issued.key })).body.code).toBe('api_key.address_not_allowed');
  });

  it('rotates a key once, the old one working for the time of grace', async () => {
    const { key, keyId } = await app.user();
    const successor = await answerOf('keys', 'rotate', keyId, '--grace-seconds', '60');
    expect(successor.rotatedFrom).toBe(keyId);
    expect((await app.get('/profile', { key })).status).toBe(200);
    expect((await app.get('/profile', { key: successor.key })).status).toBe(200);
    const again = await keyward('keys', 'rotate', keyId);
    expect(again).toMatchObject({ exitCode: 1, stdout: '' });
    expect(again.stderr).toContain('api_key.already_rotated');
  });

  it('lists the keys of one owner page by page, and as a table for people', async () => {
    const { email, id, keyId } = await app.user();
    const second = await answerOf('keys', 'issue', '--owner', id, '--name', 'moves\u001b[2Jthe cursor');
    const first = await answerOf('keys', 'list', '--owner', email, '--limit', '1');
    const rest = await answerOf('keys', 'list', '--owner', email, '--limit', '1', '--after', first.next);
    expect(first.items.map((key: { id: string }) => key.id)).toEqual([second.id]);
    expect(rest).toMatchObject({ items: [{ id: keyId }], next: null });
    const { stdout } = await keyward('keys', 'list', '--owner', email);
    expect(stdout).toContain(keyId);
    expect(stdout).toContain('moves\\u{1b}[2Jthe cursor');
  });

  it('stands in the audit log as the system, under its own name', async () => {
    const { id } = await app.user();
    const { id: keyId } = await answerOf('keys', 'issue', '--owner', id, '--name', 'audited');
    await answerOf('keys', 'revoke', keyId);
    const rows = await app.sql(
      'select action, actor_kind, actor_name from audit_events where target_id = $1 order by id',
      [keyId],
    );
    const actor = { actor_kind: 'system', actor_name: 'command line' };
    expect(rows).toEqual([
      { action: 'api_key.issued', ...actor },
      { action: 'api_key.revoked', ...actor },
    ]);
  });

  it('knows every permission that the server knows, and retires none', async () => {
    const { id } = await app.user();
    await answerOf(
      'keys',
      'issue',
      '--owner',
      id,
      '--name',
      'wide',
      '--permissions',
      'analytics:read,monitoring:*,logs:read',
    );
    expect(await app.sql('select name from permissions where retired_at is not null')).toEqual([]);
  });

  it('refuses to take the last key of the last administrator', async () => {
    const run = await keyward('keys', 'revoke', app.adminKeyId);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('administrator.required');
  });

  it.each([
    ['an unknown option', ['keys', 'list', '--bogus'], "unknown option '--bogus'"],
    ['a value that the API would refuse', ['keys', 'revoke', 'x'], '<id> "x": must be a UUID'],
  ])('ends with 2 at %s, before it opens the database', async (_, args, said) => {
    const run = await processOn(NOWHERE, ...args);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(said);
  });

  it('ends with 1 when there is no such user, and names what it read', async () => {
    const run = await processOn(
      app.databaseUrl,
      'keys',
      'issue',
      '--owner',
      'nobody@example.com',
      '--name',
      'x',
      '--json',
    );
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toBe('There is no user with the e-mail address nobody@example.com. (request.not_found)\n');
  });

  it('ends with 3 and one line when the database does not answer, without its password', async () => {
    const run = await processOn(NOWHERE, 'keys', 'list');
    expect(run).toMatchObject({ exitCode: 3, stdout: '' });
    expect(run.stderr).toMatch(/^The database at 127\.0\.0\.1:1\/keyward cannot be used: .*ECONNREFUSED.*\n$/);
  });

  it('tells of a login that may do more than a server needs, or that does not exist', async () => {
    const [{ owner }] = (await app.sql('select current_user::text as owner')) as [{ owner: string }];
    const told = await keyward('database', 'grant', '--to', owner);
    expect(told).toMatchObject({ exitCode: 1, stderr: '' });
    expect(told.stdout).toContain('owns tables');
    const unknown = await keyward('database', 'grant', '--to', 'nobody_of_this_name');
    expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
    expect(unknown.stderr).toBe(
      `There is no role nobody_of_this_name. Make it first: create role "nobody_of_this_name" login password '...';\n`,
    );
  });

  describe('on an empty database', () => {
    let databaseUrl: string;
    beforeAll(async () => {
      databaseUrl = await createEmptyDatabase();
    });
    afterAll(() => dropTestDatabase(databaseUrl));

    it('migrates it and creates an administrator whose key the server then accepts', async () => {
      const pending = await keywardOn(databaseUrl, 'migrate', 'status', '--json');
      expect(pending.exitCode).toBe(1);
      expect(JSON.parse(pending.stdout).applied).toEqual([]);
      const created = await keywardOn(databaseUrl, 'admin', 'create', '--email', 'ada@example.com', '--json');
      expect(created).toMatchObject({ exitCode: 0, stderr: '' });
      const { userId, keyId, key, ...others } = JSON.parse(created.stdout);
      expect(others).toEqual({});
      const server = await startTestApp({}, databaseUrl);
      try {
        expect((await server.get(`/admin/users/${userId}`, { key })).body).toMatchObject({
          email: 'ada@example.com',
          roles: ['admin'],
        });
        expect((await server.get('/api-keys/current', { key })).body.id).toBe(keyId);
      } finally {
        await server.close();
      }
    });

    it('takes a migration back only when told twice, and works again once it is applied', async () => {
      const before = JSON.parse((await keywardOn(databaseUrl, 'migrate', 'status', '--json')).stdout);
      const asked = await keywardOn(databaseUrl, 'migrate', 'down', '--json');
      expect(asked).toMatchObject({ exitCode: 2, stdout: '' });
      expect(asked.stderr).toContain('--yes');
      const newest = before.applied.at(-1);
      const down = await keywardOn(databaseUrl, 'migrate', 'down', '--yes', '--json');
      expect(JSON.parse(down.stdout)).toEqual({ reverted: newest });
      const refused = await keywardOn(databaseUrl, 'keys', 'list');
      expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
      expect(refused.stderr).toContain(`${newest}.\nRun \`keyward migrate up\``);
      const up = await keywardOn(databaseUrl, 'migrate', 'up', '--json');
      expect(JSON.parse(up.stdout)).toEqual({ applied: [newest] });
      expect(await keywardOn(databaseUrl, 'keys', 'list')).toMatchObject({ exitCode: 0, stderr: '' });
    });
  });
});
