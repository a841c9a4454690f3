import type { Express } from 'express';
import { problemCatalogue } from '#libs/http';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** What a page would load from, or link to at, another origin; names of XML vocabularies are not loaded. */
const foreign = /(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?\/\//i;

describe('documentation', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const anonymous = { key: null };

  describe('GET /openapi.json', () => {
    it('holds every registered route and no other', async () => {
      const { body } = await app.get('//openapi.json', anonymous);
      const documented = Object.entries<object>(body.paths).flatMap(([path, item]) =>
        Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`),
      );
      const express: Express = app.app.getHttpAdapter().getInstance();
      const { stack } = express.router;
      // Nest puts handlers of every method behind the routes, which answer 404: they are no routes of ours
      const registered = stack.flatMap(({ route }) => {
        const [{ method } = { method: '' }, ...others] = route?.stack ?? [];
        if (route === undefined || others.length > 0) return [];
        return [`${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`];
      });
      expect(registered.length).toBeGreaterThan(30);
      expect(documented.toSorted()).toEqual(registered.toSorted());
    });

    it('names the permissions, the credential and the problem codes of a route', async () => {
      const { body } = await app.get('//openapi.json', anonymous);
      const operation = body.paths['/api/v1/admin/users'].post;
      expect(operation).toMatchObject({
        operationId: 'createUser',
        tags: ['Users'],
        'x-required-permissions': ['users:create'],
        security: [{ ApiKey: [] }, { Bearer: [] }],
      });
      expect(operation.responses[401]['x-problem-codes']).toContain('api_key.revoked');
      expect(operation.responses[403]['x-problem-codes']).toContain('permission.missing');
      expect(operation.responses[409]['x-problem-codes']).toEqual([
        'request.idempotency_in_progress',
        'user.email_taken',
      ]);
      expect(body.paths['/health/live'].get.security).toEqual([]);
    });

    it('gives every operation an id of its own', async () => {
      const { body } = await app.get('//openapi.json', anonymous);
      const items = Object.values<Record<string, { operationId: string }>>(body.paths);
      const ids = items.flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('shows an example for every code that it mentions, as the server would send it', async () => {
      const { body, text } = await app.get('//openapi.json', anonymous);
      const mentioned = new Set(text.match(/(?<=#\/components\/examples\/)[^"]+/g));
      for (const code of mentioned)
        expect(body.components.examples[code].value).toMatchObject({ code, type: expect.stringMatching(/^http/) });
      expect(mentioned.size).toBeGreaterThan(15);
    });

    it('is not sent again to whoever has it', async () => {
      const first = await app.get('//openapi.json', anonymous);
      const etag = first.headers.get('etag') ?? '';
      const again = await app.get('//openapi.json', { key: null, headers: { 'if-none-match': etag } });
      expect(again.status).toBe(304);
      expect(again.text).toBe('');
    });
  });

  describe.each(['//docs', '//redoc'])('GET %s', (path) => {
    it('is a page with nothing from another origin and no script of its own', async () => {
      const page = await app.get(path, anonymous);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.text).not.toMatch(/https?:/);
      expect(page.text).not.toMatch(/<script(?![^>]* src=)/);
      expect(page.text).not.toMatch(/ on\w+=| style=/);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/https?:|\*|unsafe/);
    });

    it('finds every file that it names', async () => {
      const page = await app.get(path, anonymous);
      const files = [...page.text.matchAll(/(?:src|href|data-document)="(\/[^"]+)"/g)].map(([, file = '']) => file);
      expect(files.length).toBeGreaterThanOrEqual(4);
      for (const file of files) {
        const answer = await app.get(`/${file}`, anonymous);
        expect([file, answer.status]).toEqual([file, 200]);
        if (file.endsWith('.css')) expect(answer.text).not.toMatch(foreign);
      }
    });

    it('has no other files', async () => {
      for (const file of ['nothing.js', '..%2f..%2fpackage.json', 'constructor', '__proto__']) {
        const answer = await app.get(`${path}/${file}`, anonymous);
        expect([file, answer.status, answer.body.code]).toEqual([file, 404, 'request.not_found']);
      }
    });
  });

  describe('GET /problems', () => {
    it('has a page for every code that the application declares', async () => {
      const index = await app.get('//problems', { key: null, headers: { accept: 'text/html' } });
      for (const { code, title } of problemCatalogue().values()) {
        expect(index.text).toContain(`/problems/${code}"`);
        const page = await app.get(`//problems/${code}`, { key: null, headers: { accept: 'text/html' } });
        expect(page.status).toBe(200);
        expect(page.text).toContain(code);
        expect(page.text).toContain(title.slice(0, 10));
      }
    });

    it('needs no script and may load nothing', async () => {
      const page = await app.get('//problems/api_key.revoked', { key: null, headers: { accept: 'text/html' } });
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*style-src 'sha256-/);
      expect(page.text).not.toMatch(/<script|https?:/);
    });

    it('answers programs in JSON', async () => {
      const headers = { accept: 'application/json' };
      const one = await app.get('//problems/api_key.revoked', { key: null, headers });
      expect(one.body).toMatchObject({
        code: 'api_key.revoked',
        status: 401,
        type: expect.stringMatching(/\/problems\/api_key\.revoked$/),
      });
      const all = await app.get('//problems', { key: null, headers });
      expect(all.body.items).toHaveLength(problemCatalogue().size);
    });

    it('answers an unknown code with 404 request.not_found', async () => {
      const answer = await app.get('//problems/no.such', anonymous);
      expect(answer.status).toBe(404);
      expect(answer.body.code).toBe('request.not_found');
    });

    it('stands where the type of a problem points to', async () => {
      const refused = await app.get('/profile', anonymous);
      const { pathname } = new URL(refused.body.type);
      expect((await app.get(`/${pathname}`, anonymous)).status).toBe(200);
    });
  });
});
