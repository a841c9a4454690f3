import type { DynamicModule, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdministratorCreator } from '#libs/api-keys';
import { Principal } from '#libs/access';
import { connectAsServer, DatabaseConfig } from '#libs/database';
import pg from 'pg';
import { createApp } from '../../apps/api/src/create-app.js';
import { CapturingLogger } from './capturing-logger.js';
import { createTestDatabase, dropTestDatabase } from './test-database.js';

/** An answer, read whole. `body` is parsed JSON, or the text where it is none. */
export interface Answer<B = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: B;
  readonly text: string;
}

export interface Call {
  /** Sent as X-API-Key; the administrator's key when absent, no credential when null. */
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestUser {
  readonly id: string;
  readonly email: string;
  /** A key that was issued without narrowing. */
  readonly key: string;
  readonly keyId: string;
}

/** The whole application on a database of its own, listening on a free port. */
export interface TestApp {
  readonly app: NestExpressApplication;
  readonly url: string;
  /** As its owner; the application itself works under the server's role. */
  readonly databaseUrl: string;
  readonly adminKey: string;
  readonly adminKeyId: string;
  readonly adminId: string;
  readonly logger: CapturingLogger;
  /** `path` below /api/v1, or from the root when it begins with two slashes: `//health`. */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  get(path: string, call?: Call): Promise<Answer>;
  post(path: string, body?: unknown, call?: Call): Promise<Answer>;
  patch(path: string, body?: unknown, call?: Call): Promise<Answer>;
  put(path: string, body?: unknown, call?: Call): Promise<Answer>;
  delete(path: string, call?: Call): Promise<Answer>;
  /** A new user with the role `user`, or with `roles`, and a key. */
  user(options?: { roles?: string[]; organizationId?: string; permissions?: string[] }): Promise<TestUser>;
  /** Run by the owner of the database. */
  sql<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

const testEnvironment = {
  SECRET_KEY: 'a secret for tests that is long enough',
  LOG_LEVEL: 'silent',
  KEYWARD_AUDIT_CHECKPOINTS: 'off',
};
let users = 0;

/** By role, the parameters of the URL by which the server connects to a copy of the template: all are alike. */
const parametersOfCopies = new Map<string, string>();

async function serverUrlOfCopy(database: string): Promise<string> {
  const { serverRole } = new DatabaseConfig();
  const url = new URL(database);
  url.search = parametersOfCopies.get(serverRole) ?? new URL(await serverUrlOf(database)).search;
  parametersOfCopies.set(serverRole, url.search);
  return url.href;
}

async function serverUrlOf(database: string): Promise<string> {
  return (await connectAsServer(database, new DatabaseConfig().serverRole)).url;
}

/** Starts the application with `environment` on top of the defaults; absent variables are unset. `features`: further ones. */
export async function startTestApp(
  environment: Record<string, string> = {},
  databaseUrl?: string,
  features: readonly (Type | DynamicModule)[] = [],
): Promise<TestApp> {
  for (const name of Object.keys(process.env)) {
    if (/^(KEYWARD_(?!TEST_)|DATABASE_URL$|REDIS_URL$|SECRET_KEY|TRUSTED_PROXIES$|PORT$|HOST$)/.test(name))
      delete process.env[name];
  }
  Object.assign(process.env, testEnvironment, environment);
  const ownDatabase = databaseUrl === undefined;
  const database = databaseUrl ?? (await createTestDatabase());
  const logger = new CapturingLogger();
  const serverUrl = ownDatabase ? await serverUrlOfCopy(database) : await serverUrlOf(database);
  const app = await createApp(serverUrl, logger, { drain: { keepListeningMs: 0, idleGraceMs: 0 } }, features);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const created = await app.get(AdministratorCreator).createFirst(Principal.system('test'), 'admin@example.com');
  const pool = new pg.Pool({ connectionString: database, max: 2 });
  pool.on('error', () => undefined); // the database may be dropped before an idle connection has closed
  const admin = { userId: '', keyId: '', key: '', ...created };

  const call = async (
    method: string,
    path: string,
    { key = admin.key, body, headers = {} }: Call = {},
  ): Promise<Answer> => {
    const response = await fetch(url + (path.startsWith('//') ? path.slice(1) : `/api/v1${path}`), {
      method,
      headers: {
        ...(key === null ? {} : { 'x-api-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    });
    // a stream of events has no end to wait for
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
      text,
    };
  };

  const testApp: TestApp = {
    app,
    url,
    databaseUrl: database,
    adminKey: admin.key,
    adminKeyId: admin.keyId,
    adminId: admin.userId,
    logger,
    call,
    get: (path, options) => call('GET', path, options),
    post: (path, body, options) => call('POST', path, { body: body ?? {}, ...options }),
    patch: (path, body, options) => call('PATCH', path, { body: body ?? {}, ...options }),
    put: (path, body, options) => call('PUT', path, { body: body ?? {}, ...options }),
    delete: (path, options) => call('DELETE', path, options),
    user: async ({ roles, organizationId, permissions } = {}) => {
      const email = `user${++users}@example.com`;
      const user = await call('POST', '/admin/users', { body: { email, roles, organizationId } });
      if (user.status !== 201) throw new Error(`cannot create a user: ${user.text}`);
      const key = await call('POST', `/admin/users/${user.body.id}/api-keys`, { body: { name: 'test', permissions } });
      if (key.status !== 201) throw new Error(`cannot issue a key: ${key.text}`);
      return { id: user.body.id, email, key: key.body.key, keyId: key.body.id };
    },
    sql: async (text, values) => (await pool.query(text, values)).rows,
    close: async () => {
      await app.close();
      await pool.end();
      if (ownDatabase) await dropTestDatabase(database);
    },
  };
  return testApp;
}
