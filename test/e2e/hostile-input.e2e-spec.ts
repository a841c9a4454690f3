import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { type RegisteredRoute, registeredRoutes } from '../support/registered-routes.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

const REQUESTS = 2000;
const SEED = Number(process.env.KEYWARD_TEST_SEED ?? 20_261_122);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: string | Buffer | undefined;
}

interface Received {
  readonly status: number;
  readonly type: string | undefined;
  readonly requestId: string | undefined;
  readonly text: string;
}

describe('input made to break it', () => {
  let app: TestApp;
  let victim: TestUser;
  let routes: RegisteredRoute[];
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  beforeAll(async () => {
    app = await startTestApp();
    victim = await app.user();
    // a key that revokes itself would end the test early, and rightly so
    routes = registeredRoutes(app.app).filter(
      ({ method, path }) => !(method === 'DELETE' && path.endsWith('/current')),
    );
  });
  afterAll(async () => {
    agent.destroy();
    await app.close();
  });

  const send = ({ method, path, headers, body }: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        app.url,
        { method, path, agent, headers: { 'x-api-key': app.adminKey, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          const conclude = (): void =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'],
              requestId: response.headers['x-request-id']?.toString(),
              text: Buffer.concat(chunks).toString(),
            });
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', conclude);
          // a stream of events has no end to wait for
          if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
            conclude();
            response.destroy();
          }
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });

  const sendJson = (
    method: string,
    path: string,
    body: string | Buffer,
    type = 'application/json',
  ): Promise<Received> => send({ method, path: `/api/v1${path}`, headers: { 'content-type': type }, body });

  /** Nothing that was sent is our fault, and every refusal can be read by a program. */
  function expectSane(sent: unknown, { status, type, requestId, text }: Received): void {
    const seen = { sent, status, text: text.slice(0, 600) };
    expect({ ...seen, isOurFault: status >= 500 }).toEqual({ ...seen, isOurFault: false });
    expect(requestId).toMatch(/^[A-Za-z0-9._-]{8,128}$/);
    if (status < 400) return;
    expect({ ...seen, type }).toEqual({ ...seen, type: 'application/problem+json; charset=utf-8' });
    if (text === '') return; // HEAD
    expect(JSON.parse(text)).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+\.[a-z_]+$/), requestId });
    expect(text).not.toMatch(
      /node_modules|\bat \w+ \(|\bselect \S+ from\b|syntax error|invalid input syntax|QueryFailed|TypeError/i,
    );
  }

  describe(`${REQUESTS} requests of chance (seed ${SEED}; KEYWARD_TEST_SEED for another)`, () => {
    const texts = fc.constantFrom(
      '',
      ' ',
      '\0',
      'a\0b',
      '\ud800',
      '\udfff\ud800',
      '💩',
      '*',
      'users:*',
      'no:such',
      '__proto__',
      'constructor',
      "'; drop table users; --",
      '%00',
      '${7*7}',
      '../../etc/passwd',
      '<script>',
      'x'.repeat(300),
      'y'.repeat(9000),
      'ada@example.com',
      'a@b',
      '@',
      '2026-01-01',
      '2030-12-31T23:59:60Z',
      '2030-W01',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999999Z',
      '+275760-09-13T00:00:00Z',
      '2030-02-30',
      '2030-01-01T00:00:00+99:99',
      '1.2.3.4',
      '1.2.3.4/33',
      '0x7f.1',
      '::ffff:1.2.3.4/120',
      'fe80::1%eth0',
      '::/0',
      'active',
      'admin',
      'user',
      'NaN',
    );
    const scalars = fc.oneof(
      texts,
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        0,
        -0,
        -1,
        1,
        0.1,
        100,
        2 ** 31,
        2 ** 53,
        -(2 ** 63),
        1e308,
        5e-324,
        [],
        {},
        [[]],
        [null],
        ['*'],
        [{}],
        { a: { b: [] } },
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer(),
      fc.double(),
    );
    const fields = fc.constantFrom(
      'email',
      'name',
      'roles',
      'reason',
      'until',
      'permissions',
      'expiresAt',
      'expiresInDays',
      'allowedAddresses',
      'rateLimit',
      'quota',
      'metadata',
      'tags',
      'graceSeconds',
      'key',
      'address',
      'status',
      'environment',
      'description',
      'subscriptionTier',
      'organizationId',
      'limit',
      'windowSeconds',
      'period',
      'id',
      'toString',
      'hasOwnProperty',
      '',
    );
    const objects = fc.dictionary(
      fields,
      fc.oneof(scalars, fc.array(scalars, { maxLength: 4 }), fc.dictionary(fields, scalars, { maxKeys: 3 })),
      { maxKeys: 6 },
    );
    /** A body that is right but for one member, so that what is behind the first check is reached too. */
    const nearlyRight = (path: string): fc.Arbitrary<string> => {
      const right = rightBody(path);
      const members = [
        ...Object.keys(right),
        'email',
        'expiresAt',
        'permissions',
        'allowedAddresses',
        'quota',
        'rateLimit',
        'until',
        'tags',
        'metadata',
      ];
      return fc
        .tuple(fc.constantFrom(...members), scalars, fc.boolean(), fc.uuid())
        .map(([member, value, spoil, unique]) =>
          JSON.stringify({
            ...right,
            ...('email' in right ? { email: `${unique}@example.com` } : {}),
            ...(spoil ? { [member]: value } : {}),
          }),
        );
    };
    const anyBodies = fc.oneof(
      { weight: 6, arbitrary: objects.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          '{',
          '[]',
          'null',
          '1',
          '"x"',
          '{"a":1e400}',
          '{"a":1,"a":2}',
          '{"__proto__":{}}',
          '{"metadata":{"constructor":1}}',
          '\ufeff{}',
        ),
      },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    );
    const ids = (): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constantFrom(
          victim.id,
          victim.keyId,
          randomUUID(),
          '0',
          '%00',
          '%ff',
          '%',
          '%F0%9F%92%A9',
          '..',
          'null',
          "'",
          'x'.repeat(2000),
        ),
        fc.uuid(),
      );
    const queries = fc.array(
      fc.tuple(
        fc.constantFrom(
          'limit',
          'after',
          'sort',
          'search',
          'status',
          'role',
          'from',
          'to',
          'actor',
          'action',
          'target',
          'targetType',
          'keyId',
          'ownerId',
          'environment',
          'tag',
          'reason',
          'requestId',
          '__proto__',
          'constructor',
          'a[b]',
          '',
        ),
        fc
          .oneof(texts, fc.string({ maxLength: 20 }), fc.nat().map(String))
          .map((text) => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80')),
      ),
      { maxLength: 4 },
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'x-request-id',
        'content-type',
        'accept',
        'if-match',
        'if-none-match',
        'x-forwarded-for',
        'user-agent',
        'range',
        'idempotency-key',
        'x-http-method-override',
        'content-encoding',
        'authorization',
        'cookie',
        'accept-language',
        'expect-ct',
        'origin',
      ),
      fc.oneof(
        fc.constantFrom(
          '',
          'application/json',
          'text/plain',
          'application/json; charset=utf-16',
          '*',
          '"1"',
          'gzip',
          'Basic eDp5',
          '127.0.0.1, ::1',
          'a,b;c="',
        ),
        fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\x20-\xff]/g, '?')),
      ),
      { maxKeys: 3 },
    );

    it('meet no 5xx, and problem+json for every refusal', async () => {
      const sent = fc.nat().chain((chosen) => {
        const route = routes[chosen % routes.length]!;
        const holes = route.path.match(/:\w+/g)?.length ?? 0;
        const bodies = fc.oneof(nearlyRight(route.path), anyBodies);
        const plain = fc.constant({});
        return fc
          .tuple(
            fc.array(ids(), { minLength: holes, maxLength: holes }),
            fc.oneof(fc.constant([]), queries),
            fc.oneof(plain, headers),
            bodies,
            fc.nat(9),
          )
          .map(([fillers, query, given, body, odd]): Sent => {
            const filled = fillers.reduce((path, filler) => path.replace(/:\w+/, () => filler), route.path);
            const method = odd === 0 ? 'PATCH' : route.method;
            const search =
              query.length === 0
                ? ''
                : `?${query.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&')}`;
            const hasBody = !['GET', 'HEAD'].includes(method) || odd === 1;
            return {
              method,
              path: filled + search,
              headers: { 'content-type': 'application/json', ...given },
              body: hasBody ? body : undefined,
            };
          });
      });
      let statuses: Record<number, number> = {};
      await fc.assert(
        fc.asyncProperty(sent, async (one) => {
          const answer = await send(one);
          statuses = { ...statuses, [answer.status]: (statuses[answer.status] ?? 0) + 1 };
          expectSane(one, answer);
        }),
        { seed: SEED, numRuns: REQUESTS, endOnFailure: true },
      );
      // the requests must have come past the first check, or they proved nothing
      for (const reached of [200, 201, 400, 404])
        expect({ statuses, reached: statuses[reached] ?? 0 }).not.toEqual({ statuses, reached: 0 });
      expect((await app.get('/profile')).status).toBe(200);
      expect(app.logger.lines.filter((line) => line.startsWith('error'))).toEqual([]);
    }, 120_000);
  });

  describe('in a body', () => {
    const nested = (depth: number): string => '{"metadata":'.repeat(depth) + '1' + '}'.repeat(depth);
    it.each<[string, string | Buffer, number]>([
      ['a NUL in a text', '{"email":"a\\u0000@example.com"}', 400],
      ['a NUL in a member name', '{"a\\u0000":1}', 400],
      ['half a surrogate pair', '{"email":"\\ud800@example.com"}', 400],
      ['15,000 levels of arrays', '['.repeat(15_000) + ']'.repeat(15_000), 400],
      ['5,000 levels of objects', nested(5000), 400],
      ['__proto__', '{"email":"p@example.com","__proto__":{"isAdmin":true}}', 400],
      ['constructor', '{"email":"p@example.com","constructor":{"prototype":{}}}', 400],
      ['an escaped __proto__', '{"email":"p@example.com","\\u005f_proto__":1}', 400],
      ['a number beyond a double', '{"email":1e999}', 400],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400],
      ['an array', '[]', 400],
      ['null', 'null', 400],
      ['a text', '"x"', 400],
      ['nothing but blanks', '   ', 400],
      ['trailing garbage', '{"email":"t@example.com"} x', 400],
      ['101 KiB', JSON.stringify({ email: 'x'.repeat(103_400) }), 413],
    ])('%s is refused', async (_, body, status) => {
      for (const [method, path] of [
        ['POST', '/admin/users'],
        ['PATCH', `/admin/users/${victim.id}`],
        ['POST', '/api-keys'],
      ] as const) {
        const answer = await sendJson(method, path, body);
        expectSane(body.slice(0, 100), answer);
        expect([method, path, answer.status]).toEqual([method, path, status]);
      }
      expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
    });

    it('of 101 KiB without a length is refused with 413 as well', async () => {
      const answer = await new Promise<number>((resolve, reject) => {
        const outgoing = request(
          `${app.url}/api/v1/admin/users`,
          {
            method: 'POST',
            headers: { 'x-api-key': app.adminKey, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
          },
          (response) => resolve(response.resume().statusCode ?? 0),
        );
        outgoing.once('error', reject);
        for (let chunk = 0; chunk < 101; chunk++) outgoing.write('x'.repeat(1024));
        outgoing.end();
      });
      expect(answer).toBe(413);
    });

    it('of exactly 100 KiB is read', async () => {
      const answer = await sendJson('POST', '/admin/users', `${' '.repeat(102_400 - 2)}{}`);
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'request.invalid']);
    });

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/json; charset=utf-16',
      'json',
      '',
    ])('of the type %j is refused with 415', async (type) => {
      const answer = await sendJson('POST', '/admin/users', '{"email":"type@example.com"}', type);
      expectSane(type, answer);
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([415, 'request.unsupported_media_type']);
    });

    it('that is compressed is refused with 415, not inflated', async () => {
      const answer = await send({
        method: 'POST',
        path: '/api/v1/admin/users',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: 'x',
      });
      expect(answer.status).toBe(415);
    });

    it('is not read of a stranger: garbage without a key is 401, not 400', async () => {
      const answer = await send({
        method: 'POST',
        path: '/api/v1/admin/users',
        headers: { 'x-api-key': '', 'content-type': 'text/plain' },
        body: '{',
      });
      expect(answer.status).toBe(401);
    });

    it.each(['reason', 'until'])(
      'null for the field %s of a lock is refused where the field is required, and none where it is not',
      async (field) => {
        const { id } = await app.user();
        const answer = await app.post(`/admin/users/${id}/lock`, { reason: 'x', [field]: null });
        expect(answer.status).toBe(field === 'reason' ? 400 : 200);
      },
    );
  });

  describe('in the head', () => {
    it.each([
      'short',
      'x'.repeat(129),
      'with space in it',
      'semi;colon;here',
      'ünïcödé-id',
      '<script>alert</script>',
      '../../../etc',
      '"quoted-id"',
      '{"a":"b","c":1}',
    ])('the request id %s is replaced by one of our own', async (given) => {
      const answer = await send({
        method: 'GET',
        path: '/api/v1/profile',
        headers: { 'x-request-id': Buffer.from(given).toString('latin1') },
        body: undefined,
      });
      expectSane(given, answer);
      expect(answer.status).toBe(200);
      expect(answer.requestId).not.toBe(given);
      expect(answer.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    });

    it('two request ids are replaced by one of our own', async () => {
      const answer = await send({
        method: 'GET',
        path: '/api/v1/profile',
        headers: { 'x-request-id': ['first-request', 'second-request'] },
        body: undefined,
      });
      expect(answer.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    });

    it.each([
      '/api/v1/%',
      '/api/v1/%ff',
      '/api/v1/admin/users/%ff',
      '/api/v1/admin/users/%00',
      '/api/v1/admin/users/%2e%2e',
      '//api/v1/profile',
      '/api/v1//profile',
      '/./api/v1/profile',
      '/api/v1/profile/',
      '/API/V1/PROFILE',
      '*',
      '/api/v1/profile;x=y',
      '/\\api',
      '/api/v1/admin/users/\x7f',
    ])('the path %s meets no 5xx', async (path) => {
      expectSane(path, await send({ method: 'GET', path, headers: {}, body: undefined }));
    });

    it('a path of 8,000 characters is 404 or 400, and one of 20,000 is 431', async () => {
      for (const prefix of ['/', '/api/v1/', '/api/v1/admin/users/', '/api/v1/admin/users?search=']) {
        const long = await send({ method: 'GET', path: prefix + 'a'.repeat(8000), headers: {}, body: undefined });
        expectSane(prefix, long);
        expect([400, 404]).toContain(long.status);
        const tooLong = await send({ method: 'GET', path: prefix + 'a'.repeat(20_000), headers: {}, body: undefined });
        expect(tooLong.status).toBe(431);
        expectSane(prefix, tooLong);
      }
    });

    it.each([
      'a=1&a=2',
      'search=a&search=b',
      'limit=5&limit=5',
      'search[a]=b',
      'search[]=b',
      '__proto__[x]=1',
      'constructor[prototype]=1',
      '=&=&',
      '%',
      '%00=1',
      'search=%00',
      'search=%ED%A0%80',
      'limit=1e999',
      'limit=-1',
      'after=' + 'A'.repeat(2000),
    ])('the query ?%s of a list is refused with 400', async (query) => {
      const answer = await send({ method: 'GET', path: `/api/v1/admin/users?${query}`, headers: {}, body: undefined });
      expectSane(query, answer);
      expect(['search=%ED%A0%80'].includes(query) ? [200, 400] : [400]).toContain(answer.status);
    });

    it('1,000 query parameters are refused, not worked through', async () => {
      const query = Array.from({ length: 1000 }, (_, index) => `p${index}=1`).join('&');
      expect(
        (await send({ method: 'GET', path: `/api/v1/admin/users?${query}`, headers: {}, body: undefined })).status,
      ).toBe(400);
    });
  });

  it.each([
    ['{"x":1}', '/x'],
    ['[1]', ''],
    ['"text"', ''],
  ])('a body %s to a route that takes none is 400, and nothing is done', async (body, pointer) => {
    const { id } = await app.user();
    for (const action of ['unlock', 'erase']) {
      const answer = await app.post(`/admin/users/${id}/${action}`, body);
      expect([action, answer.status, answer.body.errors[0].pointer]).toEqual([action, 400, pointer]);
    }
    expect((await app.get(`/admin/users/${id}`)).status).toBe(200);
    expect((await app.post(`/admin/users/${id}/unlock`, {})).status).toBe(200);
  });

  it.each([
    ['GET', '/admin/api-keys?search=%00', undefined],
    ['POST', '/api-keys', '{"name":"a\\u0000b"}'],
    ['POST', '/api-keys', '{'],
  ])('every 400 has errors: %s %s', async (method, path, body) => {
    const answer = await app.call(method, path, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ pointer: expect.any(String), detail: expect.any(String) }]);
  });
});

/** What the route would accept. */
function rightBody(path: string): Record<string, unknown> {
  if (path.endsWith('/lock')) return { reason: 'fuzzed' };
  if (path.endsWith('/roles')) return { roles: ['user'] };
  if (path.endsWith('/rotate')) return { graceSeconds: 5 };
  if (path.endsWith('/verify')) return { key: 'kw_live_x' };
  if (path.endsWith('/api-keys')) return { name: 'fuzzed' };
  if (path.endsWith('/users')) return { email: '' };
  return { name: 'fuzzed' };
}
