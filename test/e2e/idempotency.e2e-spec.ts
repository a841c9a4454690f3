import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

const day = 24 * 60 * 60;

describe('Idempotency-Key', () => {
  let a: TestApp;
  let b: TestApp;
  let user: TestUser;
  beforeAll(async () => {
    a = await startTestApp({ KEYWARD_KEY_LIMIT: 'off', KEYWARD_ADDRESS_LIMIT: 'off' });
    b = await startTestApp({ KEYWARD_KEY_LIMIT: 'off', KEYWARD_ADDRESS_LIMIT: 'off' }, a.databaseUrl);
    user = await a.user();
  });
  afterAll(async () => {
    await b.close();
    await a.close();
  });

  let last = 0;
  const newKey = (): string => `key-${++last}`;
  const send = (path: string, body: unknown, idempotencyKey: string, on = a, key = a.adminKey): Promise<Answer> =>
    on.post(path, body, { key, headers: { 'idempotency-key': idempotencyKey } });
  const replayed = (answer: Answer): string | null => answer.headers.get('idempotency-replayed');
  const count = async (table: string, condition = 'true'): Promise<number> =>
    Number((await a.sql<{ n: string }>(`select count(*) as n from ${table} where ${condition}`))[0]?.n);
  const expectReplay = (second: Answer, first: Answer): void => {
    expect({ status: second.status, body: second.body, replayed: replayed(second) }).toEqual({
      status: first.status,
      body: 'key' in first.body ? { ...first.body, key: null } : first.body,
      replayed: 'true',
    });
    for (const name of ['location', 'etag', 'content-type'])
      expect([name, second.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  };

  /** One way to call each route that creates, by its path in the documentation. */
  const creations: Record<string, () => Promise<{ path: string; body: object }>> = {
    '/api/v1/api-keys': async () => ({ path: '/api-keys', body: { name: 'nightly' } }),
    '/api/v1/api-keys/{id}/rotate': async () => {
      const { body } = await a.post('/api-keys', { name: 'old' });
      return { path: `/api-keys/${body.id}/rotate`, body: { graceSeconds: 60 } };
    },
    '/api/v1/admin/api-keys/{id}/rotate': async () => {
      const { keyId } = await a.user();
      return { path: `/admin/api-keys/${keyId}/rotate`, body: {} };
    },
    '/api/v1/admin/users': async () => ({ path: '/admin/users', body: { email: `${newKey()}@example.com` } }),
    '/api/v1/admin/users/{id}/api-keys': async () => ({
      path: `/admin/users/${user.id}/api-keys`,
      body: { name: 'x' },
    }),
    '/api/v1/admin/organizations': async () => ({ path: '/admin/organizations', body: { name: 'O', slug: newKey() } }),
    '/api/v1/admin/roles': async () => ({ path: '/admin/roles', body: { name: newKey(), permissions: [] } }),
  };

  it.each(Object.entries(creations))('POST %s happens once, and is answered the same again', async (_, creation) => {
    const { path, body } = await creation();
    const key = newKey();
    const events = await count('audit_events');
    const first = await send(path, body, key);
    expect([first.status, replayed(first)]).toEqual([201, null]);
    const created = (await count('audit_events')) - events;
    expect(created).toBeGreaterThan(0);
    for (const on of [a, b]) expectReplay(await send(path, body, key, on), first);
    expect((await count('audit_events')) - events).toBe(created);
  });

  it('is documented on every POST that creates, and on no other route', async () => {
    const { body } = await a.get('//openapi.json', { key: null });
    const operations = Object.entries<Record<string, any>>(body.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([verb, operation]) => ({ path, verb, operation })),
    );
    const documented = operations.filter(({ operation }) => JSON.stringify(operation).includes('/IdempotencyKey"'));
    const creating = operations.filter(({ verb, operation }) => verb === 'post' && operation.responses[201]);
    expect(documented).toEqual(creating);
    expect(creating.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(creations)));
    for (const { operation } of creating) {
      expect(operation.responses[409]['x-problem-codes']).toContain('request.idempotency_in_progress');
      expect(operation.responses[422]['x-problem-codes']).toContain('request.idempotency_mismatch');
      expect(Object.keys(operation.responses[201].headers)).toContain('Idempotency-Replayed');
    }
  });

  it('makes one of fifty equal creations at the same time over two replicas', async () => {
    const key = newKey();
    const body = { email: 'fifty@example.com' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => send('/admin/users', body, key, index % 2 === 0 ? a : b)),
    );
    const made = answers.filter((answer) => answer.status === 201 && replayed(answer) === null);
    const others = answers.filter((answer) => !made.includes(answer));
    expect(made).toHaveLength(1);
    for (const answer of others) {
      if (answer.status === 201) expect(answer.body).toEqual(made[0]?.body);
      else
        expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
          409,
          'request.idempotency_in_progress',
          '1',
        ]);
    }
    expect(await count('users', `email = 'fifty@example.com'`)).toBe(1);
    expectReplay(await send('/admin/users', body, key), made[0]!);
  });

  it('issues one of fifty equal keys, none of which has a rule of its own to stop the second', async () => {
    const key = newKey();
    const body = { name: 'one of fifty' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => send('/api-keys', body, key, index % 2 === 0 ? a : b)),
    );
    expect(await count('api_keys', `name = 'one of fifty'`)).toBe(1);
    expect(answers.filter(({ body: answer }) => typeof answer.key === 'string')).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  /** Runs `work` while a creation with `key` is held up in the middle. */
  const whileHeldUp = async (key: string, body: object, work: () => Promise<void>): Promise<Answer> => {
    const blocker = new pg.Client(a.databaseUrl);
    await blocker.connect();
    await blocker.query('begin; lock table audit_events in access exclusive mode');
    const creation = send('/api-keys', body, key);
    const waiting = `select from pg_locks where relation = 'audit_events'::regclass and not granted`;
    await eventually(async () => expect(await a.sql(waiting)).toHaveLength(1));
    await work();
    await blocker.end();
    return creation;
  };

  it('answers 409 at once while the first request is under way, on any replica', async () => {
    const [key, body] = [newKey(), { name: 'held up' }];
    const first = await whileHeldUp(key, body, async () => {
      for (const on of [a, b]) {
        const second = await send('/api-keys', body, key, on);
        expect([second.status, second.body.code]).toEqual([409, 'request.idempotency_in_progress']);
      }
    });
    expect(first.status).toBe(201);
    expectReplay(await send('/api-keys', body, key), first);
  });

  it('neither loses nor doubles a creation whose connection to the database was killed in the middle', async () => {
    const [key, body] = [newKey(), { name: 'killed' }];
    const first = await whileHeldUp(key, body, async () => {
      await a.sql(
        `select pg_terminate_backend(pid) from pg_locks where relation = 'audit_events'::regclass and not granted`,
      );
    });
    expect(first.status).toBe(503);
    expect(await count('api_keys', `name = 'killed'`)).toBe(0);
    const second = await send('/api-keys', body, key);
    expect([second.status, replayed(second)]).toEqual([201, null]);
    expectReplay(await send('/api-keys', body, key), second);
    expect(await count('api_keys', `name = 'killed'`)).toBe(1);
  });

  it('answers 422 when the same key comes with another body', async () => {
    const key = newKey();
    await send('/api-keys', { name: 'first' }, key);
    for (const [path, body] of [
      ['/api-keys', { name: 'other' }],
      ['/api-keys', {}],
    ] as const) {
      const answer = await send(path, body, key);
      expect([answer.status, answer.body.code]).toEqual([422, 'request.idempotency_mismatch']);
    }
    expect(await count('api_keys', `name = 'other'`)).toBe(0);
  });

  it('takes a body for the same whatever the order of its members', async () => {
    const key = newKey();
    const first = await send('/api-keys', '{"name":"order","metadata":{"a":1,"b":[{"c":2,"d":3}]}}', key);
    expectReplay(await send('/api-keys', '{ "metadata": {"b":[{"d":3,"c":2}], "a":1}, "name": "order" }', key), first);
    expect((await send('/api-keys', '{"name":"order","metadata":{"a":1,"b":{"0":{"c":2,"d":3}}}}', key)).status).toBe(
      422,
    );
  });

  it('takes a key in quotes for the same as without', async () => {
    const key = newKey();
    const first = await send('/api-keys', { name: 'quoted' }, `"${key}"`);
    expectReplay(await send('/api-keys', { name: 'quoted' }, key), first);
  });

  it.each(['""', '"unfinished', 'x'.repeat(256), '"a";b=1', 'ü'])('%j as a key is 400', async (key) => {
    const answer = await send('/api-keys', { name: 'never' }, key);
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([
      400,
      'request.invalid',
      '/Idempotency-Key',
    ]);
    expect(await count('api_keys', `name = 'never'`)).toBe(0);
  });

  it('is independent for every caller and path', async () => {
    const key = newKey();
    const other = await a.user();
    const mine = await send('/api-keys', { name: 'same' }, key, a, user.key);
    const theirs = await send('/api-keys', { name: 'same' }, key, a, other.key);
    const elsewhere = await send(`/admin/users/${user.id}/api-keys`, { name: 'same' }, key);
    expect([mine, theirs, elsewhere].map((answer) => [answer.status, replayed(answer)])).toEqual([
      [201, null],
      [201, null],
      [201, null],
    ]);
    expect(new Set([mine.body.id, theirs.body.id, elsewhere.body.id]).size).toBe(3);
    expect([mine.body.ownerId, theirs.body.ownerId]).toEqual([user.id, other.id]);
  });

  it('knows a path again, however it is written', async () => {
    const key = newKey();
    const body = { name: 'same' };
    const first = await send(`/admin/users/${user.id}/api-keys`, body, key);
    for (const path of [
      `/admin/users/${user.id.toUpperCase()}/api-keys`,
      `/admin/users/${user.id}/api-keys/`,
      `/Admin/Users/${user.id}/api-keys`,
      `/admin/users/${user.id}/api-keys?`,
    ])
      expectReplay(await send(path, body, key), first);
  });

  it('never opens an answer to whoever may not call the route any more', async () => {
    const { key, keyId } = await a.user();
    const idempotencyKey = newKey();
    expect((await send('/api-keys', { name: 'before' }, idempotencyKey, a, key)).status).toBe(201);
    await a.delete(`/admin/api-keys/${keyId}`);
    const after = await send('/api-keys', { name: 'before' }, idempotencyKey, a, key);
    expect([after.status, after.body.code]).toEqual([401, 'api_key.revoked']);
  });

  it('pins no failure: a call that was refused may be put right and sent again', async () => {
    const key = newKey();
    expect((await send('/admin/users', { email: 'nonsense' }, key)).status).toBe(400);
    expect((await send('/admin/users', { email: 'admin@example.com' }, key)).body.code).toBe('user.email_taken');
    const good = await send('/admin/users', { email: 'put-right@example.com' }, key);
    expect([good.status, replayed(good)]).toEqual([201, null]);
  });

  it('stands or falls with the creation: where the audit row cannot be written, neither is there', async () => {
    const key = newKey();
    const records = await count('idempotency_records');
    await a.sql('alter table audit_events rename to audit_events_away');
    const failed = await send('/api-keys', { name: 'all or nothing' }, key);
    await a.sql('alter table audit_events_away rename to audit_events');
    expect(failed.status).toBe(503);
    expect([await count('api_keys', `name = 'all or nothing'`), await count('idempotency_records')]).toEqual([
      0,
      records,
    ]);
    await a.sql(`alter table idempotency_records add constraint closed check (false) not valid`);
    const refused = await send('/api-keys', { name: 'all or nothing' }, key);
    await a.sql('alter table idempotency_records drop constraint closed');
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect([await count('api_keys', `name = 'all or nothing'`), await count('idempotency_records')]).toEqual([
      0,
      records,
    ]);
    expect((await send('/api-keys', { name: 'all or nothing' }, key)).status).toBe(201);
  });

  it('lasts 24 hours by the time of the database, then begins anew', async () => {
    const key = newKey();
    const first = await send('/api-keys', { name: 'aged' }, key);
    await a.sql(`update idempotency_records set created_at = created_at - interval '${day - 60} seconds'`);
    expectReplay(await send('/api-keys', { name: 'aged' }, key), first);
    await a.sql(`update idempotency_records set created_at = created_at - interval '61 seconds'`);
    const anew = await send('/api-keys', { name: 'aged and changed' }, key);
    expect([anew.status, replayed(anew)]).toEqual([201, null]);
    expect(anew.body.id).not.toBe(first.body.id);
  });

  it('clears away what has expired, a few with each creation', async () => {
    await a.sql(`update idempotency_records set created_at = now() - interval '25 hours'`);
    await a.sql(
      `insert into idempotency_records select sha256(n::text::bytea), '', now() - interval '2 days' from generate_series(1, 30) n`,
    );
    const before = await count('idempotency_records');
    await send('/api-keys', { name: 'purging' }, newKey());
    expect(await count('idempotency_records')).toBe(before + 1 - 20);
    for (let at = 0; at < before / 20; at += 1) await send('/api-keys', { name: 'purging' }, newKey());
    expect(await count('idempotency_records', `created_at <= now() - interval '24 hours'`)).toBe(0);
  });

  it('keeps neither the secret nor anything else that could be read in a dump', async () => {
    const answers = [
      await send('/api-keys', { name: 'a telling name' }, 'a telling key'),
      await send('/admin/users', { email: 'telling@example.com', name: 'Telling Person' }, 'a telling key'),
    ];
    const rows = await a.sql<Record<string, unknown>>('select * from idempotency_records');
    expect(rows.length).toBeGreaterThanOrEqual(2);
    const dump = Buffer.concat(
      rows.flatMap((row) => Object.values(row)).filter((value) => Buffer.isBuffer(value)),
    ).toString('latin1');
    const wholeKey: string = answers[0]?.body.key;
    expect(wholeKey).toMatch(/^kw_/);
    for (const told of [
      wholeKey,
      wholeKey.split('_').at(-1) ?? '',
      answers[0]?.body.id,
      'telling',
      'Telling',
      a.adminKeyId,
    ])
      expect(dump.includes(told)).toBe(false);
    expectReplay(await send('/api-keys', { name: 'a telling name' }, 'a telling key'), answers[0]!);
  });

  it('changes nothing for a call without it, nor for one that creates nothing', async () => {
    const records = await count('idempotency_records');
    for (let at = 0; at < 2; at += 1) {
      expect((await a.post('/api-keys', { name: 'plain' })).status).toBe(201);
      expect(replayed(await send('/api-keys/verify', { key: 'x' }, 'verify'))).toBeNull();
    }
    expect(await count('api_keys', `name = 'plain'`)).toBe(2);
    expect(await count('idempotency_records')).toBe(records);
  });
});

describe('Idempotency-Key after a restart', () => {
  it('replays the first answer, also while SECRET_KEY is rotated', async () => {
    const headers = { 'idempotency-key': 'sent before the restart' };
    const before = await startTestApp();
    const [{ SECRET_KEY = '' }, key] = [process.env, before.adminKey];
    const first = await before.post('/api-keys', { name: 'restarted' }, { headers });
    const rotating = { SECRET_KEY: 'another secret for tests, long enough', SECRET_KEY_PREVIOUS: SECRET_KEY };
    for (const environment of [{}, rotating]) {
      const after = await startTestApp(environment, before.databaseUrl);
      const again = await after.post('/api-keys', { name: 'restarted' }, { key, headers });
      const other = await after.post('/api-keys', { name: 'other' }, { key, headers });
      await after.close();
      expect([again.status, again.body]).toEqual([201, { ...first.body, key: null }]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect([other.status, other.body.code]).toEqual([422, 'request.idempotency_mismatch']);
    }
    await before.close();
  });
});
