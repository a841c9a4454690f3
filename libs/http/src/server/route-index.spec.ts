import express, { type Express } from 'express';
import fc from 'fast-check';
import { type ServedAdapter, serveAdapter } from '../../../../test/support/served-adapter.js';
import { indexRoutes } from './route-index.js';

/** The names of the layers that were run for a path, in order. */
function trace(app: Express, method: string, url: string): Promise<string[]> {
  const ran: string[] = [];
  const request = { method, url, headers: {}, ran };
  const response = { setHeader: () => undefined };
  return new Promise((resolve) =>
    Reflect.get(app.router, 'handle').call(app.router, request, response, () => resolve(ran)),
  );
}

function mount(app: Express, paths: readonly (readonly [string, string])[]): Express {
  for (const [kind, path] of paths) {
    const step = (req: object, _res: unknown, next: () => void) => {
      Reflect.get(req, 'ran').push(`${kind} ${path}`);
      next();
    };
    if (kind === 'use') app.use(path, step);
    else if (kind === 'all') app.all(path, step);
    else app.get(path, step);
  }
  return app;
}

describe('The route index', () => {
  const words = ['api', 'v1', 'users', 'keys', 'a.b', 'x-y'];
  const segment = fc.constantFrom(...words, ':id', '*rest');
  const route = fc.uniqueArray(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  const optional = route.map((path) => (path.includes('*') || path === '/' ? path : `${path}{/:more}`));
  const routes = fc.array(fc.tuple(fc.constantFrom('get', 'use', 'all'), fc.oneof(route, optional)), { maxLength: 12 });
  const sent = fc.constantFrom(...words, 'API', 'Users', '42', '', '%C3%A4', 'K');
  const url = fc
    .tuple(fc.array(sent, { maxLength: 6 }), fc.constantFrom('', '/', '?q=1', '?a=/api/v1', '/?'))
    .map(([parts, end]) => `/${parts.join('/')}${end}`);

  it('runs exactly what the router alone would run, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(routes, fc.array(url, { minLength: 1, maxLength: 8 }), async (paths, urls) => {
        const plain = mount(express(), paths);
        const indexed = mount(express(), paths);
        indexRoutes(indexed);
        for (const path of [...urls, `http://host${urls[0] ?? '/'}`]) {
          expect([path, await trace(indexed, 'GET', path)]).toEqual([path, await trace(plain, 'GET', path)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('sees routes that were added after the first request', async () => {
    const app = mount(express(), [['get', '/api/v1/users']]);
    indexRoutes(app);
    await trace(app, 'GET', '/api/v1/users');
    mount(app, [
      ['get', '/api/v1/users'],
      ['get', '/api/v1/keys'],
    ]);
    expect(await trace(app, 'GET', '/api/v1/users')).toEqual(['get /api/v1/users', 'get /api/v1/users']);
    expect(await trace(app, 'GET', '/api/v1/keys')).toEqual(['get /api/v1/keys']);
  });

  it('is what the adapter serves by', async () => {
    const served: ServedAdapter = await serveAdapter(
      (app) => {
        app.get('/api/v1/users/:id', (req, res) => void res.send(`user ${req.params.id}`));
        app.get('/api/v1/keys/:id', (req, res) => void res.send(`key ${req.params.id}`));
      },
      { drain: { idleGraceMs: 0 } },
    );
    expect(await (await fetch(`http://127.0.0.1:${served.port}/API/v1/keys/7?x=/users`)).text()).toBe('key 7');
    await served.adapter.close();
  });
});
