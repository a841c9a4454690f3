import { createHash, createHmac, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { PreparedSql } from '#libs/database';
import { eventually } from '../support/eventually.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { comparable, customRole, organization } from '../support/tenants.js';

const newKey = (): string => `sk_old_${randomBytes(18).toString('hex')}`;
const sha = (algorithm: string, text: string, encoding: 'hex' | 'base64' = 'hex'): string =>
  createHash(algorithm).update(text).digest(encoding);
const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
const salt = Buffer.from('sixteen bytes ..');
const start = (key: string): string => key.slice(0, 14);
const bcryptOf = (key: string): Promise<string> => bcrypt(key, 4);

/** How each scheme describes a key. */
const described: Record<string, (key: string) => object | Promise<object>> = {
  'SHA-256 in hex': (key) => ({ scheme: 'sha256', hash: sha('sha256', key) }),
  'SHA-256 in base64': (key) => ({ scheme: 'sha256', hash: sha('sha256', key, 'base64') }),
  'SHA-512 in hex, upper case': (key) => ({ scheme: 'sha512', hash: sha('sha512', key).toUpperCase() }),
  'SHA-512 in base64 without padding': (key) => ({
    scheme: 'sha512',
    hash: sha('sha512', key, 'base64').replaceAll('=', ''),
  }),
  'SHA-256 with salt': (key) => ({
    scheme: 'sha256',
    hash: sha('sha256', `pre:${key}:post`),
    saltPrefix: 'pre:',
    saltSuffix: ':post',
    lookup: start(key),
  }),
  'SHA-512 with a salt behind': (key) => ({
    scheme: 'sha512',
    hash: sha('sha512', `${key}pepper`),
    saltSuffix: 'pepper',
    lookup: start(key),
  }),
  'HMAC-SHA256 with a secret as text': (key) => ({
    scheme: 'hmac-sha256',
    hash: createHmac('sha256', 'the old secret').update(key).digest('hex'),
    secret: 'the old secret',
  }),
  'HMAC-SHA256 with a secret in hex': (key) => ({
    scheme: 'hmac-sha256',
    hash: createHmac('sha256', Buffer.from('00ff10', 'hex')).update(key).digest('base64'),
    secret: 'hex:00ff10',
  }),
  'bcrypt $2b$': async (key) => ({ scheme: 'bcrypt', hash: await bcryptOf(key), lookup: start(key) }),
  'bcrypt $2y$ of PHP': async (key) => ({
    scheme: 'bcrypt',
    hash: (await bcryptOf(key)).replace('$2b$', '$2y$'),
    lookup: start(key),
  }),
  scrypt: (key) => ({
    scheme: 'scrypt',
    hash: `$scrypt$ln=10,r=8,p=2$${bare(salt)}$${bare(scryptSync(key, salt, 32, { N: 1024, r: 8, p: 2 }))}`,
    lookup: start(key),
  }),
  argon2id: async (key) => ({
    scheme: 'argon2',
    hash: await argon2(key, { memoryCost: 1024, timeCost: 1, parallelism: 2 }),
    lookup: start(key),
  }),
  argon2i: async (key) => ({
    scheme: 'argon2',
    hash: await argon2(key, { memoryCost: 1024, algorithm: 1 }),
    lookup: start(key),
  }),
  'PBKDF2 as PHC': (key) => ({
    scheme: 'pbkdf2',
    hash: `$pbkdf2-sha256$i=1000$${bare(salt)}$${bare(pbkdf2Sync(key, salt, 1000, 32, 'sha256'))}`,
    lookup: start(key),
  }),
  'PBKDF2 as passlib': (key) => ({
    scheme: 'pbkdf2',
    hash: `$pbkdf2-sha512$1000$${bare(salt).replaceAll('+', '.')}$${bare(pbkdf2Sync(key, salt, 1000, 64, 'sha512')).replaceAll('+', '.')}`,
    lookup: start(key),
  }),
  'PBKDF2 as Django': (key) => ({
    scheme: 'pbkdf2',
    hash: `pbkdf2_sha256$1000$NaCl$${pbkdf2Sync(key, 'NaCl', 1000, 32, 'sha256').toString('base64')}`,
    lookup: start(key),
  }),
};

describe('an imported key', () => {
  let app: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_IMPORTED_GUESS_LIMIT: 'off', KEYWARD_GUESS_ALARM: 'off' });
    user = await app.user();
  });
  afterAll(() => app.close());

  const use = (key: string, path = '/api-keys/current'): Promise<Answer> => app.get(path, { key });
  const importRows = async (rows: object[], options: { key?: string; dryRun?: boolean } = {}): Promise<Answer> => {
    const { key, dryRun } = options;
    return app.post('/admin/api-keys/import', { keys: rows, dryRun }, key === undefined ? {} : { key });
  };
  const importOne = async (row: object, key?: string): Promise<any> => {
    const { status, body } = await importRows([{ owner: user.email, ...row }], { key });
    expect(status).toBe(200);
    return body.rows[0];
  };
  const imported = async (row: object): Promise<string> => {
    const outcome = await importOne(row);
    expect(outcome).toMatchObject({ outcome: 'created', problem: null });
    return outcome.keyId;
  };
  const hashes = async (id: string): Promise<any> =>
    (
      await app.sql(
        `select k.secret_hash, k.pepper_version, i.form, i.lookup, i.rehashed_at
         from api_keys k join imported_keys i on i.api_key_id = k.id where k.id = $1`,
        [id],
      )
    )[0];
  const faultsOf = (outcome: any): string =>
    outcome.problem.errors.map(({ pointer, detail }: any) => `${pointer} ${detail}`).join('; ');

  describe.each(Object.entries(described))('of %s', (_, describeKey) => {
    it('works as it was, and is rehashed to the native form at its first use', async () => {
      const key = newKey();
      const id = await imported(await describeKey(key));
      expect(await hashes(id)).toMatchObject({ secret_hash: null, pepper_version: null, rehashed_at: null });
      expect((await use(`${key}x`)).body.code).toBe('api_key.invalid');
      expect(await hashes(id)).toMatchObject({ secret_hash: null });

      expect((await use(key)).body).toMatchObject({ id, ownerId: user.id, status: 'active' });
      const after = await hashes(id);
      expect(after).toMatchObject({ form: null, lookup: null });
      expect([after.secret_hash.length, typeof after.pepper_version]).toEqual([32, 'string']);
      expect(after.rehashed_at).toBeInstanceOf(Date);

      expect((await use(key)).status).toBe(200);
      expect((await use(`${key}x`)).body.code).toBe('api_key.invalid');
      expect((await app.post('/api-keys/verify', { key })).body).toMatchObject({ valid: true, keyId: id });
    });

    it('is there when the same row comes again, before its first use and after', async () => {
      const key = newKey();
      const row = await describeKey(key);
      const id = await imported(row);
      expect(await importOne(row)).toEqual({ line: 1, outcome: 'exists', keyId: id, problem: null });
      await use(key);
      expect(await importOne(row)).toEqual({ line: 1, outcome: 'exists', keyId: id, problem: null });
      expect((await use(key)).status).toBe(200);
    });
  });

  it('is a key like others: listed, changed, limited to its grants, disabled, revoked', async () => {
    const key = newKey();
    const id = await imported({
      scheme: 'sha256',
      hash: sha('sha256', key),
      name: 'from before',
      environment: 'dev',
      permissions: ['orders:read'],
      tags: ['old'],
      metadata: { was: 'there' },
      lookup: start(key),
    });
    expect((await app.get(`/admin/api-keys/${id}`)).body).toMatchObject({
      name: 'from before',
      environment: 'dev',
      start: start(key),
      permissions: ['orders:read'],
      tags: ['old'],
      metadata: { was: 'there' },
      ownerId: user.id,
    });
    expect((await use(key, '/orders')).status).toBe(200);
    expect((await use(key, '/admin/users')).body.code).toBe('permission.missing');
    await app.patch(`/admin/api-keys/${id}`, { status: 'disabled' });
    expect((await use(key)).body.code).toBe('api_key.disabled');
    await app.patch(`/admin/api-keys/${id}`, { status: 'active' });
    expect((await use(key)).status).toBe(200);
    await app.delete(`/admin/api-keys/${id}`);
    expect((await use(key)).body.code).toBe('api_key.revoked');
  });

  it('tells its state to its holder alone, at its first use too', async () => {
    const key = newKey();
    const id = await imported({ scheme: 'bcrypt', hash: await bcryptOf(key), lookup: start(key) });
    await app.delete(`/admin/api-keys/${id}`);
    expect((await use(`${start(key)}-a-guess-of-somebody`)).body.code).toBe('api_key.invalid');
    expect((await use(key)).body.code).toBe('api_key.revoked');
  });

  it('keeps to its allow list and its expiry', async () => {
    const key = newKey();
    await imported({ scheme: 'sha256', hash: sha('sha256', key), allowedAddresses: ['192.0.2.0/24'] });
    expect((await use(key)).body.code).toBe('api_key.address_not_allowed');
    const outcome = await importOne({ scheme: 'sha256', hash: sha('sha256', newKey()), expiresAt: '2020-01-01' });
    expect(faultsOf(outcome)).toBe('/expiresAt must be in the future');
  });

  it('is rotated to a key of this installation, and works for the time of grace', async () => {
    const key = newKey();
    const id = await imported({ scheme: 'sha256', hash: sha('sha256', key) });
    const { body } = await app.post(`/admin/api-keys/${id}/rotate`, { graceSeconds: 60 });
    expect(body).toMatchObject({ rotatedFrom: id, start: expect.stringMatching(/^kw_live_/) });
    expect((await use(key)).status).toBe(200);
    expect((await use(body.key)).body.id).toBe(body.id);
  });

  it('cannot be used by its id in the form of this installation', async () => {
    const id = await imported({ scheme: 'sha256', hash: sha('sha256', newKey()) });
    const { forged } = await import('../support/key-form.js');
    expect((await use(forged(user.key, { id }))).body.code).toBe('api_key.invalid');
  });

  it('whose first use comes twenty times at once is served each time and rehashed once', async () => {
    const key = newKey();
    const id = await imported({ scheme: 'bcrypt', hash: await bcryptOf(key), lookup: start(key) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => use(key)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { secret_hash: hash } = await hashes(id);
    await use(key);
    expect((await hashes(id)).secret_hash).toEqual(hash);
  });

  it('shares its first characters with three others at the most, so that a guess costs four slow hashes at the most', async () => {
    const lookup = 'shared-start';
    const keys = Array.from({ length: 6 }, (_, n) => `${lookup}-${n}-${randomBytes(8).toString('hex')}`);
    const rows = await Promise.all(
      keys.map(async (key) => ({ owner: user.id, scheme: 'bcrypt', hash: await bcryptOf(key), lookup })),
    );
    const { body } = await importRows(rows);
    expect(body.rows.map(({ outcome }: any) => outcome)).toEqual([
      'created',
      'created',
      'created',
      'created',
      'failed',
      'failed',
    ]);
    expect(faultsOf(body.rows[4])).toMatch(/^\/lookup is shared by 4 keys/);
    for (const longer of [lookup.slice(0, 8), `${lookup}-4`])
      expect(faultsOf(await importOne({ ...rows[4], lookup: longer }))).toMatch(/^\/lookup is shared by 4 keys/);
    for (const key of keys.slice(0, 4)) expect((await use(key)).status).toBe(200);
    expect((await importOne(rows[4]!)).outcome).toBe('created'); // those that were used are found by the whole key
    expect((await use(keys[4]!)).status).toBe(200);
  });

  it('that a legacy key of the same owner becomes is that key from then on', async () => {
    const key = 'a legacy key that is imported';
    await app.sql('update users set api_key_hash = $2 where id = $1', [user.id, sha('sha256', key)]);
    await eventually(async () => expect((await use(key, '/profile')).status).toBe(200));
    const other = await app.user();
    const row = { scheme: 'sha256', hash: sha('sha256', key) };
    expect((await importOne({ ...row, owner: other.email })).problem.code).toBe('api_key.hash_taken');
    const id = await imported(row);
    expect((await use(key)).body.id).toBe(id);
    await app.sql('update users set api_key_hash = null where id = $1', [user.id]);
  });

  describe('is refused with what is wrong and what is allowed', () => {
    const digest = sha('sha256', 'x');
    const b64 = bare(Buffer.alloc(16, 1));
    it.each<[string, object, RegExp]>([
      ['an unknown scheme', { scheme: 'md5', hash: digest }, /^\/scheme must be one of the following values: sha256, /],
      [
        'a digest of another length',
        { scheme: 'sha256', hash: digest.slice(1) },
        /^\/hash must be 32 bytes in hex \(64/,
      ],
      ['no hash', { scheme: 'sha512', hash: '' }, /^\/hash must be longer/],
      ['a salted hash without lookup', { scheme: 'bcrypt', hash: '$2b$10$x' }, /^\/lookup must be given for a salted/],
      [
        'a short lookup',
        { scheme: 'bcrypt', hash: '$2b$10$x', lookup: 'seven77' },
        /^\/lookup must be the first 8 to 32/,
      ],
      [
        'a lookup of our own keys',
        { scheme: 'sha256', hash: digest, lookup: 'kw_live_abc' },
        /^\/lookup must not begin with kw_/,
      ],
      [
        'a costly bcrypt',
        { scheme: 'bcrypt', hash: `$2b$31$${'a'.repeat(53)}`, lookup: 'whatever' },
        /cost 31; allowed are 4 to 12/,
      ],
      [
        'a costly scrypt',
        { scheme: 'scrypt', hash: `$scrypt$ln=30,r=8,p=1$${b64}$${b64}`, lookup: 'whatever' },
        /ln=30,r=8,p=1; allowed are/,
      ],
      [
        'an endless scrypt',
        { scheme: 'scrypt', hash: `$scrypt$ln=999,r=9999999999,p=9$${b64}$${b64}`, lookup: 'whatever' },
        /; allowed are/,
      ],
      [
        'a costly argon2',
        { scheme: 'argon2', hash: `$argon2id$v=19$m=2097152,t=1,p=4$${b64}$${b64}`, lookup: 'whatever' },
        /m=2097152,t=1,p=4; allowed are m up to 131072/,
      ],
      [
        'a lengthy argon2',
        { scheme: 'argon2', hash: `$argon2id$v=19$m=65536,t=4294967295,p=4$${b64}$${b64}`, lookup: 'whatever' },
        /; allowed are m up to/,
      ],
      [
        'a costly PBKDF2',
        { scheme: 'pbkdf2', hash: `$pbkdf2-sha512$i=4000000000$${b64}$${b64}`, lookup: 'whatever' },
        /allowed are 1 to 600000/,
      ],
      [
        'an HMAC without its secret',
        { scheme: 'hmac-sha256', hash: digest },
        /^\/secret must be given for hmac-sha256/,
      ],
      [
        'a secret for another scheme',
        { scheme: 'sha256', hash: digest, secret: 'x' },
        /^\/secret is for hmac-sha256 alone/,
      ],
      [
        'a salt for another scheme',
        { scheme: 'bcrypt', hash: digest, saltPrefix: 'x', lookup: 'whatever' },
        /^\/saltPrefix is for sha256/,
      ],
      [
        'an environment that is none',
        { scheme: 'sha256', hash: digest, environment: 'moon' },
        /^\/environment must be one of live/,
      ],
      ['a field that nobody knows', { scheme: 'sha256', hash: digest, colour: 'red' }, /^\/colour /],
    ])('%s', async (_, row, expected) => {
      const outcome = await importOne(row);
      expect([outcome.outcome, outcome.problem.code]).toEqual(['failed', 'request.invalid']);
      expect(faultsOf(outcome)).toMatch(expected);
    });

    it('without its secret being kept', async () => {
      const row = (n: number, more: object): object => ({
        owner: user.id,
        scheme: 'hmac-sha256',
        hash: createHmac('sha256', `refused ${n}`).update(newKey()).digest('hex'),
        secret: `refused ${n}`,
        ...more,
      });
      const kept = (): Promise<unknown> => app.sql('select name from import_secrets order by name');
      const before = await kept();
      const { body } = await importRows(Array.from({ length: 8 }, (_, n) => row(n, { permissions: ['nope:nope'] })));
      expect(body.failed).toBe(8);
      expect(await kept()).toEqual(before);
      expect((await importRows([row(9, {})])).body.created).toBe(1);
    });

    it('a ninth secret of HMACs', async () => {
      const rows = Array.from({ length: 9 }, (_, n) => ({
        owner: user.id,
        scheme: 'hmac-sha256',
        hash: createHmac('sha256', `secret ${n}`).update(newKey()).digest('hex'),
        secret: `secret ${n}`,
      }));
      const { body } = await importRows(rows);
      expect(body.failed).toBeGreaterThan(0);
      expect(faultsOf(body.rows.at(-1))).toMatch(/^\/secret must be one of those that keys were imported with/);
      await app.sql("delete from import_secrets where name like 'hmac%'");
    });
  });

  describe('comes in with others', () => {
    it('each judged by itself, with its line', async () => {
      const [one, two] = [newKey(), newKey()];
      const row = { owner: user.email.toUpperCase(), scheme: 'sha256', hash: sha('sha256', one) };
      const { status, body } = await importRows([
        row,
        { ...row, hash: 'nonsense' },
        { ...row, owner: 'nobody@example.com', hash: sha('sha256', two) },
        [] as object,
        row,
        { ...row, hash: sha('sha256', two), organization: 'default' },
        { ...row, hash: sha('sha256', newKey()), organization: 'elsewhere' },
      ]);
      expect(status).toBe(200);
      expect(body).toMatchObject({ dryRun: false, created: 2, exists: 1, failed: 4 });
      expect(body.rows.map(({ line, outcome, problem }: any) => [line, outcome, problem?.code ?? null])).toEqual([
        [1, 'created', null],
        [2, 'failed', 'request.invalid'],
        [3, 'failed', 'request.not_found'],
        [4, 'failed', 'request.invalid'],
        [5, 'exists', null],
        [6, 'created', null],
        [7, 'failed', 'request.invalid'],
      ]);
      expect((await use(one)).status).toBe(200);
      expect((await use(two)).status).toBe(200);
    });

    it('and none of them is kept by a dry run, which tells the same', async () => {
      const key = newKey();
      const rows = [
        { owner: user.id, scheme: 'sha256', hash: sha('sha256', key) },
        { owner: user.id, scheme: 'hmac-sha256', hash: sha('sha256', 'whatever'), secret: 'of a dry run' },
        { owner: user.id, scheme: 'sha256', hash: 'nonsense' },
      ];
      const state = (): Promise<object[]> =>
        app.sql(
          `select (select count(*) from api_keys) as keys, (select count(*) from imported_keys) as imported,
             (select count(*) from import_secrets) as secrets, (select count(*) from audit_events) as events`,
        );
      const before = await state();
      const { body } = await importRows(rows, { dryRun: true });
      expect(body).toMatchObject({ dryRun: true, created: 2, exists: 0, failed: 1 });
      expect(body.rows.map(({ keyId }: any) => keyId)).toEqual([null, null, null]);
      expect(await state()).toEqual(before);
      expect((await use(key)).body.code).toBe('api_key.invalid');
    });

    it('in one event of the audit log, without a hash or a secret', async () => {
      const secret = 'a secret of old that nobody may see';
      const hash = createHmac('sha256', secret).update('x').digest('hex');
      const id = await imported({ scheme: 'hmac-sha256', hash, secret, permissions: ['orders:read'] });
      const [event] = await app.sql<any>(
        "select * from audit_events where action = 'api_key.imported' order by id desc limit 1",
      );
      expect(event).toMatchObject({ actor_key_id: app.adminKeyId, target_type: 'api_key_import' });
      expect(event.after.keys).toEqual([
        { id, ownerId: user.id, environment: 'live', grants: ['orders:read'], expiresAt: null },
      ]);
      const dump = JSON.stringify([
        await app.sql('select * from audit_events'),
        await app.sql("select name, encode(sealed, 'escape') from import_secrets"),
        await app.sql("select api_key_id, encode(identity, 'hex'), encode(locator, 'hex') from imported_keys"),
      ]);
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(hash);
      expect(app.logger.lines.join('\n')).not.toContain(secret);
    });
  });

  describe('gives nobody more than they hold', () => {
    it('refuses grants that the importer lacks, and owners who may do more than the importer', async () => {
      await customRole(app, 'importer', ['api-keys:manage', 'orders:read']);
      const importer = await app.user({ roles: ['importer'] });
      const plain = await app.user({ roles: ['importer'] });
      const row = { owner: plain.email, scheme: 'sha256' };
      const problemOf = async (more: object): Promise<any> =>
        (await importOne({ ...row, hash: sha('sha256', newKey()), ...more }, importer.key)).problem;
      expect(await problemOf({ permissions: ['users:read'] })).toMatchObject({ code: 'permission.escalation' });
      expect(await problemOf({ permissions: ['no-such:permission'] })).toMatchObject({ code: 'permission.unknown' });
      expect(await problemOf({ owner: 'admin@example.com' })).toMatchObject({ code: 'permission.escalation' });
      expect(await problemOf({ permissions: ['orders:read'] })).toBeNull();
    });

    it('hands the bounds of the importer’s own key on to other keys of its owner', async () => {
      const admin = await app.post('/api-keys', { name: 'short', expiresInDays: 1 });
      const row = { owner: app.adminId, scheme: 'sha256', hash: sha('sha256', newKey()), expiresAt: null };
      const outcome = await importOne(row, admin.body.key);
      expect(outcome.problem).toMatchObject({ code: 'permission.escalation' });
    });

    it('answers an administrator of another organization as if the owner did not exist', async () => {
      const id = await organization(app, `import-${randomBytes(4).toString('hex')}`);
      await customRole(app, 'manager', ['*']);
      const stranger = await app.user({ roles: ['manager'], organizationId: id });
      const row = { scheme: 'sha256', hash: sha('sha256', newKey()) };
      const attempt = (owner: string): Promise<Answer> => importRows([{ ...row, owner }], { key: stranger.key });
      for (const [mine, nobodys] of [
        [user.id, '01999999-9999-7999-8999-999999999999'],
        [user.email, 'nobody@example.com'],
      ] as const) {
        const foreign = await attempt(mine);
        expect(foreign.body.rows[0].problem.code).toBe('request.not_found');
        expect(comparable(foreign, mine)).toEqual(comparable(await attempt(nobodys), nobodys));
      }
      expect((await attempt(stranger.email)).body.created).toBe(1);
      const taken = await importOne({ ...row, owner: user.email });
      expect(taken.problem.code).toBe('api_key.hash_taken');
    });

    it('lets nobody take from other organizations what all share: short lookups and secrets of HMACs', async () => {
      const id = await organization(app, `greedy-${randomBytes(4).toString('hex')}`);
      await customRole(app, `greedy-${id}`, ['*']);
      const greedy = await app.user({ roles: [`greedy-${id}`], organizationId: id });
      const [one, two] = [newKey(), newKey()];
      const hash = await bcryptOf(one);
      const salted = { owner: greedy.email, scheme: 'bcrypt', hash };
      expect(faultsOf(await importOne({ ...salted, lookup: one.slice(0, 15) }, greedy.key))).toMatch(
        /^\/lookup must be at least 16 characters/,
      );
      expect((await importOne({ ...salted, lookup: one.slice(0, 16) }, greedy.key)).outcome).toBe('created');
      const hmac = (secret: string, key: string): object => ({
        owner: greedy.email,
        scheme: 'hmac-sha256',
        hash: createHmac('sha256', secret).update(key).digest('hex'),
        secret,
      });
      expect(faultsOf(await importOne(hmac('of one organization', two), greedy.key))).toMatch(
        /^\/secret must be one of those .*: a new one is for administrators of the whole installation/,
      );
      await imported({ ...hmac('of the installation', newKey()), owner: user.email });
      expect((await importOne(hmac('of the installation', two), greedy.key)).outcome).toBe('created');
      expect((await use(two)).status).toBe(200);
    });

    it('keeps to the policies of the organization, the number of keys among them', async () => {
      const id = await organization(app, `policed-${randomBytes(4).toString('hex')}`);
      const owner = await app.user({ organizationId: id });
      await app.put(`/admin/organizations/${id}/key-policies/*`, {
        maximumKeysPerOwner: 3,
        maximumLifetimeDays: 30,
        forbiddenPermissions: ['users:*'],
      });
      const row = (more: object = {}): object => ({
        owner: owner.id,
        scheme: 'sha256',
        hash: sha('sha256', newKey()),
        permissions: ['orders:read'],
        ...more,
      });
      const { body } = await importRows([
        row(),
        row({ permissions: ['users:read'] }),
        row({ expiresAt: null }),
        row(),
        row(),
      ]);
      expect(body.rows.map(({ outcome, problem }: any) => [outcome, problem?.code ?? null])).toEqual([
        ['created', null],
        ['failed', 'policy.violated'],
        ['failed', 'policy.violated'],
        ['created', null],
        ['failed', 'policy.violated'],
      ]);
      const [{ keys }] = (await app.sql<any>('select count(*)::int as keys from api_keys where owner_id = $1', [
        owner.id,
      ])) as [any];
      expect(keys).toBe(3);
    });
  });

  it('costs a caller with a key of this installation no look-up, and an unknown credential one', async () => {
    await imported({ scheme: 'sha256', hash: sha('sha256', newKey()) });
    const queries = jest.spyOn(app.app.get(PreparedSql), 'rows');
    await use(newKey());
    expect(queries.mock.calls.map(([{ name }]) => name)).toEqual(['keyward_find_imported_key']);
    queries.mockRestore();
  });
});
