import { request } from 'node:http';
import { RouteAccessTable } from '#libs/access';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { type RegisteredRoute, registeredRoutes } from '../support/registered-routes.js';

const ABSENT_ID = '01900000-0000-7000-8000-000000000000';

describe('every route of the application', () => {
  let app: TestApp;
  let powerless: TestUser;
  let routes: RegisteredRoute[];

  beforeAll(async () => {
    app = await startTestApp();
    powerless = await app.user({ permissions: [] });
    routes = registeredRoutes(app.app);
  });
  afterAll(() => app.close());

  const pathOf = ({ path }: RegisteredRoute): string => `/${path.replaceAll(/:\w+/g, ABSENT_ID)}`;
  const send = (route: RegisteredRoute, key: string | null): Promise<Answer> =>
    app.call(route.method, pathOf(route), {
      key,
      body: ['POST', 'PATCH', 'PUT'].includes(route.method) ? {} : undefined,
    });
  const routesOf = (kind: 'public' | 'protected'): RegisteredRoute[] =>
    routes.filter(({ handler }) => app.app.get(RouteAccessTable).of(handler)?.public === (kind === 'public'));

  it('is found by this spec, so that one added later is covered too', () => {
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    expect(known).toEqual(
      expect.arrayContaining(['GET /api/v1/admin/users/:id', 'POST /api/v1/api-keys/verify', 'GET /health/live']),
    );
    expect(routesOf('protected').length).toBeGreaterThan(25);
    expect(routesOf('public').length + routesOf('protected').length).toBe(routes.length);
  });

  it('that is public lies outside the API', () => {
    expect(routesOf('public').filter(({ path }) => path.startsWith('/api/'))).toEqual([]);
  });

  it('answers 401 credential.missing with a challenge to a call without a key, unless it is public', async () => {
    for (const route of routesOf('protected')) {
      const answer = await send(route, null);
      const named = { route: `${route.method} ${route.path}`, status: answer.status, code: answer.body.code };
      expect(named).toEqual({ ...named, status: 401, code: 'credential.missing' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="keyward"');
      expectProblem(answer);
    }
  });

  it('answers 401 api_key.malformed to something that is no key, unless it is public', async () => {
    for (const route of routesOf('protected')) {
      const answer = await send(route, 'kw_live_nonsense');
      expect({ route, code: answer.body.code }).toEqual({ route, code: 'api_key.malformed' });
      expectProblem(answer);
    }
  });

  it('answers 403 permission.missing with what is missing to a key that was granted nothing', async () => {
    const table = app.app.get(RouteAccessTable);
    for (const route of routesOf('protected')) {
      const access = table.of(route.handler);
      const required = access?.public === false ? access.required : [];
      if (required.length === 0) continue;
      const answer = await send(route, powerless.key);
      expect({ route: route.path, ...answer.body }).toMatchObject({
        code: 'permission.missing',
        status: 403,
        required,
        missing: required,
      });
      expectProblem(answer);
    }
  });

  it('that needs no permission concerns the caller alone', () => {
    const table = app.app.get(RouteAccessTable);
    const open = routesOf('protected').filter(({ handler }) => {
      const access = table.of(handler);
      return access?.public === false && access.required.length === 0;
    });
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'DELETE /api/v1/api-keys/current',
      'GET /api/v1/api-keys/current',
      'GET /api/v1/profile',
    ]);
  });

  it('answers every error as a problem', async () => {
    for (const route of routesOf('protected').filter(({ path }) => !path.endsWith('/current'))) {
      for (const body of ['{"', '[]', '{"unknown":1}']) {
        const answer = await app.call(route.method, pathOf(route), {
          body: ['GET', 'DELETE', 'HEAD'].includes(route.method) ? undefined : body,
        });
        expect({ route: route.path, status: answer.status < 500 }).toEqual({ route: route.path, status: true });
        if (answer.status >= 400) expectProblem(answer);
      }
    }
  });

  it('answers 400 with the parameter and what is allowed to a query parameter that it does not take, unless it is public', async () => {
    for (const route of routesOf('protected')) {
      const answer = await app.call(route.method, `${pathOf(route)}?x=1`, {
        body: ['POST', 'PATCH', 'PUT'].includes(route.method) ? {} : undefined,
      });
      const named = { route: `${route.method} ${route.path}`, status: answer.status, code: answer.body.code };
      expect(named).toEqual({ ...named, status: 400, code: 'request.invalid' });
      expect(answer.body.errors).toContainEqual({
        pointer: '/x',
        detail: expect.stringMatching(/^is not a parameter of this call, which takes (none|[a-z]\w*(, [a-z]\w*)*)$/i),
      });
    }
    expect((await app.get('/api-keys/current?x=1')).status).toBe(400); // and the key it was sent with is still there
  });

  it('that is public takes any query, which only defeats caches', async () => {
    for (const route of routesOf('public')) {
      const plain = await app.call(route.method, `/${route.path}`, { key: null });
      const busted = await app.call(route.method, `/${route.path}?v=1`, { key: null });
      expect({ path: route.path, status: busted.status }).toEqual({ path: route.path, status: plain.status });
    }
  });

  it('says which parameters it takes, and takes a question mark alone for none', async () => {
    const known = await app.get('/orders?limt=1');
    expect(known.body.errors).toEqual([
      { pointer: '/limt', detail: expect.stringMatching(/which takes .*\bafter\b.*\blimit\b/) },
    ]);
    expect((await app.get('/profile?x=1&y/z')).body.errors).toEqual([
      { pointer: '/x', detail: 'is not a parameter of this call, which takes none' },
      { pointer: '/y~1z', detail: 'is not a parameter of this call, which takes none' },
    ]);
    for (const name of ['__proto__', 'constructor', '']) expect((await app.get(`/profile?${name}=1`)).status).toBe(400);
    expect((await app.get('/profile?')).status).toBe(200);
    expect((await app.get('/profile?x=1', { key: null })).status).toBe(401);
  });

  it('answers another method with 405 and an Allow header that lists its own', async () => {
    for (const route of routes) {
      const others = routes.filter((other) => pathOf(other) === pathOf(route)).map(({ method }) => method);
      const wrong = ['PUT', 'DELETE', 'PATCH', 'POST'].find((method) => !others.includes(method)) ?? 'TRACE';
      const answer = await app.call(wrong, pathOf(route), { body: wrong === 'DELETE' ? undefined : {} });
      // what is `current` is also an id to the routes that take one
      if (route.path.endsWith('/current') || route.path.endsWith('/verify')) continue;
      expect({ route: route.path, wrong, status: answer.status, code: answer.body.code }).toEqual({
        route: route.path,
        wrong,
        status: 405,
        code: 'request.method_not_allowed',
      });
      expect(answer.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(others));
      expectProblem(answer);
    }
  });

  it('answers OPTIONS with the methods that it supports and no body', async () => {
    for (const route of routes) {
      const answer = await app.call('OPTIONS', pathOf(route), { key: null });
      expect({ route: route.path, status: answer.status, text: answer.text }).toEqual({
        route: route.path,
        status: 204,
        text: '',
      });
      expect(answer.headers.get('allow')?.split(', ')).toContain(route.method);
    }
  });

  it('answers HEAD like GET, without the body', async () => {
    for (const path of ['//health/live', '/profile', '/admin/users', `/admin/users/${ABSENT_ID}`]) {
      const [head, get] = [await app.call('HEAD', path), await app.get(path)];
      expect({ path, status: head.status, type: head.headers.get('content-type'), text: head.text }).toEqual({
        path,
        status: get.status,
        type: get.headers.get('content-type'),
        text: '',
      });
    }
  });
});

describe('what no route serves', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each([
    '/nothing',
    '/admin',
    '/admin/users/x/y/z',
    '//nothing',
    '//api',
    '//api/v2/profile',
    '//HEALTH/nothing',
    '//%20',
    '//.env',
  ])('%s answers 404 request.not_found as a problem, with a key or without', async (path) => {
    for (const key of [app.adminKey, null]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await app.call(method, path, { key });
        expect([answer.status, answer.body.code]).toEqual([404, 'request.not_found']);
        expectProblem(answer);
      }
    }
  });

  it.each(['/api/v1/%ff', '/api/v1/admin/users/%', '/%c0%af', '/api/v1/admin/users/%zz', '/health/%ff'])(
    '%s, which is no valid percent-encoding, answers a problem of the client',
    async (path) => {
      const answer = await raw(app, path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.type).toBe('application/problem+json; charset=utf-8');
    },
  );

  it('tells CORS nothing: no origin is allowed unless somebody decides so', async () => {
    const answer = await app.get('/profile', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('tells nobody what it is made of', async () => {
    for (const path of ['/profile', '/nothing', '//health']) {
      const answer = await app.get(path);
      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(answer.headers.get('server')).toBeNull();
    }
  });
});

function expectProblem(answer: Answer): void {
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    type: expect.stringMatching(new RegExp(`^https?://.*/problems/${answer.body.code}$`)),
    title: expect.any(String),
    status: answer.status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\//),
    code: expect.stringMatching(/^[a-z_]+\.[a-z_]+$/),
    requestId: answer.headers.get('x-request-id'),
  });
}

/** fetch would correct the path. */
function raw(app: TestApp, path: string): Promise<{ status: number; type: string | undefined }> {
  return new Promise((resolve, reject) => {
    request(app.url, { path, headers: { 'x-api-key': app.adminKey } }, (response) => {
      response
        .resume()
        .once('end', () => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] }));
    })
      .once('error', reject)
      .end();
  });
}
