import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

/** A resource that is changed or removed, and how to read its ETag. */
interface Target {
  /** Where it is changed or removed. */
  readonly path: string;
  /** Where it is read; absent: at the same path. */
  readonly read?: string;
  readonly body?: object;
  readonly key?: string;
}

describe('If-Match', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_KEY_LIMIT: 'off', KEYWARD_ADDRESS_LIMIT: 'off' });
  });
  afterAll(() => app.close());

  let last = 0;
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await app.post(path, body);
    if (answer.status !== 201) throw new Error(`cannot create ${path}: ${answer.text}`);
    return answer.body.id;
  };
  const anOrganization = (): Promise<string> => made('/admin/organizations', { name: 'O', slug: `o-${++last}` });
  const aRole = (): Promise<string> => made('/admin/roles', { name: `role-${++last}`, permissions: [] });
  const aKey = (): Promise<string> => made('/api-keys', { name: 'k' });
  const own = async (path: string, body?: object): Promise<Target> => ({ path, body, key: (await app.user()).key });

  /** One target for each route that honours If-Match, by method and path in the documentation. */
  const targets: Record<string, () => Promise<Target>> = {
    'patch /api/v1/profile': () => own('/profile', { name: 'New' }),
    'delete /api/v1/api-keys/current': () => own('/api-keys/current'),
    'patch /api/v1/api-keys/{id}': async () => ({ path: `/api-keys/${await aKey()}`, body: { name: 'new' } }),
    'delete /api/v1/api-keys/{id}': async () => ({ path: `/api-keys/${await aKey()}` }),
    'patch /api/v1/admin/api-keys/{id}': async () => ({
      path: `/admin/api-keys/${await aKey()}`,
      body: { name: 'new' },
    }),
    'delete /api/v1/admin/api-keys/{id}': async () => ({ path: `/admin/api-keys/${await aKey()}` }),
    'patch /api/v1/admin/users/{id}': async () => ({
      path: `/admin/users/${(await app.user()).id}`,
      body: { name: 'N' },
    }),
    'delete /api/v1/admin/users/{id}': async () => ({ path: `/admin/users/${(await app.user()).id}` }),
    'put /api/v1/admin/users/{id}/roles': async () => {
      const { id } = await app.user();
      return { path: `/admin/users/${id}/roles`, read: `/admin/users/${id}`, body: { roles: [] } };
    },
    'patch /api/v1/admin/organizations/{id}': async () => ({
      path: `/admin/organizations/${await anOrganization()}`,
      body: { name: 'New' },
    }),
    'delete /api/v1/admin/organizations/{id}': async () => ({ path: `/admin/organizations/${await anOrganization()}` }),
    'patch /api/v1/admin/roles/{id}': async () => ({
      path: `/admin/roles/${await aRole()}`,
      body: { description: 'new' },
    }),
    'delete /api/v1/admin/roles/{id}': async () => ({ path: `/admin/roles/${await aRole()}` }),
  };
  const send = (verb: string, { path, body, key }: Target, ifMatch: string): Promise<Answer> =>
    app.call(verb.toUpperCase(), path, { body, key, headers: { 'if-match': ifMatch } });
  const read = ({ path, read: other, key }: Target, headers = {}): Promise<Answer> =>
    app.get(other ?? path, { key, headers });
  const etagOf = async (target: Target): Promise<string> => (await read(target)).headers.get('etag') ?? '';

  it('is documented, with 412, on the routes below and on every change or removal of what is read with an ETag', async () => {
    const { body } = await app.get('//openapi.json', { key: null });
    const honouring: string[] = [];
    for (const [path, item] of Object.entries<Record<string, any>>(body.paths)) {
      const isVersioned = item.get?.responses[200]?.headers?.ETag !== undefined;
      for (const [verb, operation] of Object.entries(item)) {
        const honours = JSON.stringify(operation.parameters ?? []).includes('/IfMatch"');
        if (honours) honouring.push(`${verb} ${path}`);
        if (isVersioned && ['patch', 'delete'].includes(verb))
          expect({ verb, path, honours }).toEqual({ verb, path, honours: true });
        expect({ verb, path, is412: operation.responses[412] !== undefined }).toEqual({ verb, path, is412: honours });
      }
    }
    expect(honouring).toEqual(expect.arrayContaining(Object.keys(targets)));
  });

  describe.each(Object.entries(targets))('on %s', (route, target) => {
    const verb = route.split(' ', 1)[0] ?? '';

    it('refuses any other state than the present one with 412, and changes nothing', async () => {
      const it = await target();
      const before = await read(it);
      const etag = before.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"1/);
      for (const other of ['"0"', '"2"', `W/${etag}`, '"x"', '"2", W/"1"']) {
        const answer = await send(verb, it, other);
        expect([other, answer.status, answer.body.code]).toEqual([other, 412, 'request.precondition_failed']);
      }
      const after = await read(it);
      const used = { lastUsedAt: undefined, lastUsedAddress: undefined };
      expect({ ...after.body, ...used }).toEqual({ ...before.body, ...used });
    });

    it('lets the present state pass, in a list too, and refuses it once it is past', async () => {
      const it = await target();
      const etag = await etagOf(it);
      const changed = await send(verb, it, `"77", ${etag}`);
      expect(changed.status).toBe(verb === 'delete' ? 204 : 200);
      if (verb === 'delete') return;
      expect(changed.headers.get('etag')).toMatch(/^"2/);
      expect((await send(verb, it, etag)).status).toBe(412);
    });

    it('lets * match whatever is there', async () => {
      expect((await send(verb, await target(), '*')).status).toBeLessThan(300);
    });

    it('is 400 when it is no list of entity tags', async () => {
      const answer = await send(verb, await target(), '1');
      expect([answer.status, answer.body.code, answer.body.errors?.[0]?.pointer]).toEqual([
        400,
        'request.invalid',
        '/If-Match',
      ]);
    });
  });

  it('lets exactly one of twenty changes at the same time pass', async () => {
    for (const route of [
      'patch /api/v1/admin/api-keys/{id}',
      'patch /api/v1/admin/roles/{id}',
      'patch /api/v1/admin/organizations/{id}',
      'patch /api/v1/admin/users/{id}',
    ]) {
      const target = await targets[route]!();
      const etag = await etagOf(target);
      const answers = await Promise.all(Array.from({ length: 20 }, () => send('patch', target, etag)));
      const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
      expect([route, statuses]).toEqual([route, [200, ...Array.from({ length: 19 }, () => 412)]]);
      expect(await etagOf(target)).toMatch(/^"2/);
    }
  });

  it('tells nothing of what one may not see: that is 404, whatever If-Match says', async () => {
    for (const ifMatch of ['*', '"1"']) {
      const answer = await app.patch(
        '/admin/roles/01900000-0000-7000-8000-000000000000',
        {},
        { headers: { 'if-match': ifMatch } },
      );
      expect([answer.status, answer.body.code]).toEqual([404, 'request.not_found']);
    }
  });

  it('is about the resource that the route names, not about what changes along with it', async () => {
    const { id, keyId } = await app.user();
    await app.patch(`/admin/api-keys/${keyId}`, { name: 'at version 2' });
    const answer = await app.delete(`/admin/users/${id}`, { headers: { 'if-match': '"1"' } });
    expect(answer.status).toBe(204);
    expect((await app.get(`/admin/api-keys/${keyId}`)).body.status).toBe('revoked');
  });

  it('does not count the use of a key as a change of it', async () => {
    const { key, keyId }: TestUser = await app.user();
    const etag = await etagOf({ path: `/admin/api-keys/${keyId}` });
    for (let at = 0; at < 3; at += 1) await app.get('/profile', { key });
    expect(
      (await app.patch(`/admin/api-keys/${keyId}`, { name: 'used' }, { headers: { 'if-match': etag } })).status,
    ).toBe(200);
  });

  describe('If-None-Match', () => {
    it('answers 304 without a body as long as nothing that is shown has changed', async () => {
      for (const path of [
        `/admin/roles/${await aRole()}`,
        `/admin/organizations/${await anOrganization()}`,
        `/api-keys/${await aKey()}`,
        '/profile',
      ]) {
        const etag = await etagOf({ path });
        const same = await read({ path }, { 'if-none-match': `"other", ${etag}` });
        expect([path, same.status, same.text, same.headers.get('etag')]).toEqual([path, 304, '', etag]);
        expect((await read({ path }, { 'if-none-match': '"0"' })).status).toBe(200);
      }
    });

    it('answers anew when a key was used or expired, and when a user’s lock ended or role went', async () => {
      const { id, key, keyId } = await app.user();
      const cases: [string, () => Promise<unknown>][] = [
        [`/admin/api-keys/${keyId}`, () => app.get('/profile', { key })],
        [`/admin/api-keys/${keyId}`, () => app.sql('update api_keys set expires_at = now() where id = $1', [keyId])],
        [
          `/admin/users/${id}`,
          () => app.sql(`update users set locked_at = now() - interval '1 hour' where id = $1`, [id]),
        ],
        [`/admin/users/${id}`, () => app.sql('delete from role_assignments where user_id = $1', [id])],
      ];
      for (const [path, change] of cases) {
        const etag = await etagOf({ path });
        await change();
        expect([path, (await read({ path }, { 'if-none-match': etag })).status]).toEqual([path, 200]);
      }
    });
  });
});
