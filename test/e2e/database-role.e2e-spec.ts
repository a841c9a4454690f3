import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  admitLogin,
  connectAsServer,
  DATABASE_URL,
  Database,
  DatabaseConfig,
  DatabaseUnusable,
  migrateUp,
  openDatabase,
  PreparedSql,
} from '#libs/database';
import { DatabaseProxy } from '../support/database-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/test-database.js';

const FORBIDDEN = '42501';

/** What PostgreSQL says to `sql` on this connection: its SQLSTATE, or `done`. It is never kept. */
async function answerTo(client: pg.Client, sql: string): Promise<string> {
  await client.query('begin');
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return error instanceof pg.DatabaseError ? String(error.code) : String(error);
  } finally {
    await client.query('rollback');
  }
}

describe('The role under which the server works', () => {
  let app: TestApp;
  let server: pg.Client;
  beforeAll(async () => {
    app = await startTestApp();
    // the URL by which everything in the application connects
    server = new pg.Client({ connectionString: app.app.get<string>(DATABASE_URL) });
    await server.connect();
  });
  afterAll(async () => {
    await server.end();
    await app.close();
  });

  it('is that of every connection of the application, and not the one that owns the schema', async () => {
    await app.get('/profile'); // by now the recorder of usage has its connection, too
    const asked = 'select current_user::text as role';
    const [management] = await app.app.get(Database).query<{ role: string }>(asked);
    const [hot] = await app.app.get(PreparedSql).rows<{ role: string }>({ name: 'test_role', text: asked }, []);
    expect([management, hot]).toEqual([{ role: 'keyward_server' }, { role: 'keyward_server' }]);
    // by the owner of the database, who sees the rest: every connection came by the same URL
    const names = await app.sql(
      `select distinct application_name as name from pg_stat_activity
       where datname = current_database() and application_name like 'keyward%' order by 1`,
    );
    expect(names.map(({ name }) => name)).toEqual(['keyward', 'keyward listen', 'keyward sql', 'keyward usage']);
  });

  it.each([
    'update audit_events set action = action',
    'delete from audit_events',
    'truncate audit_events',
    'lock table audit_events in access exclusive mode',
    'create rule quiet as on insert to audit_events do instead nothing',
    'create trigger quiet before insert on audit_events for each row execute function suppress_redundant_updates_trigger()',
    'alter table audit_events disable trigger all',
    'alter table users add column mine text',
    'alter table api_keys disable trigger user',
    'drop table orders',
    'drop index api_usage_occurred_at_idx',
    'truncate users cascade',
    'create table mine (id integer)',
    'create function mine() returns integer language sql as $$ select 1 $$',
    'create or replace function keyward_notify_access() returns trigger language plpgsql as $$ begin return null; end $$',
    'create view mine as select * from users',
    'create schema mine',
    "insert into schema_migrations (timestamp, name) values (1, 'Mine')",
    'update schema_migrations set name = name',
    'delete from schema_migrations',
    'set session_replication_role = replica',
    'alter role keyward_server superuser',
    "copy users to program 'true'",
  ])('is refused by PostgreSQL: %s', async (sql) => {
    expect(await answerTo(server, sql)).toBe(FORBIDDEN);
  });

  it('stays what it is when a session resets it', async () => {
    await server.query('reset role');
    await server.query('reset all');
    expect(await answerTo(server, 'delete from audit_events')).toBe(FORBIDDEN);
  });

  it('may do its work in every table that is not an exception, and only that', async () => {
    const rows = await app.sql<{ name: string; held: string[] }>(`
      select c.relname as name, array(select a.privilege_type from aclexplode(c.relacl) a
        where a.grantee = 'keyward_server'::regrole order by 1) as held
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`);
    const held = new Map(rows.map((row) => [row.name, row.held]));
    const ordinary = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
    expect(held.get('audit_events')).toEqual(['INSERT', 'SELECT']);
    expect(held.get('schema_migrations')).toEqual(['SELECT']);
    expect(held.get('health_writes')).toEqual([...ordinary, 'TRUNCATE'].toSorted());
    for (const name of ['audit_events', 'schema_migrations', 'health_writes']) held.delete(name);
    expect(held.size).toBeGreaterThan(10);
    expect([...held].filter(([, privileges]) => privileges.join() !== ordinary.join())).toEqual([]);
  });

  it('may call no function with the rights of the owner but those that say so by their name', async () => {
    const functions = await app.sql(`
      select p.proname as name, p.proconfig as settings, has_function_privilege('public', p.oid, 'execute') as open,
        has_function_privilege('keyward_server', p.oid, 'execute') as "forServer"
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef`);
    for (const { name, settings, open, forServer } of functions) {
      expect({ name, open, forServer }).toEqual({ name, open: false, forServer: /^(usage_|audit_adopt$)/.test(name) });
      // else whoever calls it decides which tables it means
      expect(`${name} ${settings}`).toMatch(/search_path=.*pg_temp/);
    }
  });

  it('is shown to the operator, with how far it binds', async () => {
    const { body } = await app.get('/admin/system');
    const [{ login }] = (await app.sql('select session_user::text as login')) as [{ login: string }];
    expect(body.database).toEqual({ role: 'keyward_server', login, restriction: 'session', powers: [] });
  });

  it('leaves the audit log readable and writable for the server', async () => {
    const before = (await app.get('/admin/logs?limit=100')).body.items.length;
    await app.user();
    expect((await app.get('/admin/logs?limit=100')).body.items.length).toBeGreaterThan(before);
  });
});

describe('The step after the migrations', () => {
  let url: string;
  let owner: pg.Client;
  beforeEach(async () => {
    url = await createEmptyDatabase();
    owner = new pg.Client(url);
    await owner.connect();
  });
  afterEach(async () => {
    await owner.end();
    await dropTestDatabase(url);
  });
  const held = async (table: string): Promise<string[]> => {
    const { rows } = await owner.query(
      `select array(select privilege_type from aclexplode(relacl) where grantee = 'keyward_server'::regrole order by 1) as held
       from pg_class where oid = to_regclass($1)`,
      [table],
    );
    return rows[0]?.held;
  };

  it('covers a table that was made since, and takes back what was given by hand', async () => {
    await migrateUp(url);
    await owner.query('create table gift_cards (id serial primary key)');
    await owner.query('grant all on audit_events, orders to keyward_server');
    await migrateUp(url);
    expect(await held('gift_cards')).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE']);
    expect(await held('gift_cards_id_seq')).toEqual(['SELECT', 'USAGE']);
    expect(await held('audit_events')).toEqual(['INSERT', 'SELECT']);
    expect(await held('orders')).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE']);
  });

  it('writes nothing when all is as it should be', async () => {
    await migrateUp(url);
    const versions = 'select oid::regclass::text, xmin::text from pg_class where relnamespace = 2200 order by 1';
    const before = (await owner.query(versions)).rows;
    await migrateUp(url);
    expect((await owner.query(versions)).rows).toEqual(before);
  });

  it('gives a partition what its table has, and no way around it', async () => {
    await migrateUp(url);
    await owner.query('create table measures (at date not null) partition by range (at)');
    await owner.query('create table measures_rest partition of measures default');
    await owner.query('alter table audit_events rename to audit_events_old');
    await owner.query('create table audit_events (at date) partition by range (at)');
    await owner.query('create table audit_events_2026 partition of audit_events default');
    await migrateUp(url);
    expect(await held('measures')).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE']);
    expect(await held('measures_rest')).toEqual(await held('measures'));
    expect(await held('audit_events_2026')).toEqual(['INSERT', 'SELECT']);
  });
});

describe('Logins', () => {
  let url: string;
  let administrator: pg.Client;
  let made: string[];
  beforeEach(async () => {
    url = await createEmptyDatabase();
    administrator = new pg.Client(url);
    await administrator.connect();
    made = [];
  });
  afterEach(async () => {
    delete process.env.KEYWARD_DATABASE_ROLE;
    for (const role of made) await administrator.query(`drop owned by ${role}`).catch(() => undefined);
    await administrator.end();
    await dropTestDatabase(url);
    const server = new pg.Client(process.env.KEYWARD_TEST_SERVER);
    await server.connect();
    for (const role of made.toReversed()) await server.query(`drop role if exists ${role}`);
    await server.end();
  });

  /** A name for a role that goes with the test. */
  const roleName = (): string => {
    const name = `keyward_test_${randomBytes(4).toString('hex')}`;
    made.push(name);
    return name;
  };
  const login = async (attributes = ''): Promise<{ name: string; url: string }> => {
    const name = roleName();
    await administrator.query(`create role ${name} login password 'of-the-test' ${attributes}`);
    const own = new URL(url);
    own.username = name;
    own.password = 'of-the-test';
    return { name, url: own.href };
  };
  const ownerOfTables = async (attributes = ''): Promise<{ name: string; url: string }> => {
    const owner = await login(attributes);
    const [database] = (await administrator.query('select current_database() as name')).rows;
    await administrator.query(`grant create on database ${database.name} to ${owner.name}`);
    await administrator.query(`grant create on schema public to ${owner.name}`);
    return owner;
  };

  it('that own nothing and are admitted need take on nothing, and no reset of the session frees them', async () => {
    const lesser = await login();
    await migrateUp(url);
    expect(await admitLogin(url, lesser.name)).toEqual([]);
    const connection = await connectAsServer(lesser.url, 'keyward_server');
    expect(connection).toMatchObject({ url: lesser.url, standing: { role: lesser.name, restriction: 'login' } });
    const client = new pg.Client(connection.url);
    await client.connect();
    await client.query('set role none');
    expect(
      await answerTo(client, 'insert into organizations (id, slug, name) values (gen_random_uuid(), $$o$$, $$O$$)'),
    ).toBe('done');
    expect(await answerTo(client, 'delete from audit_events')).toBe(FORBIDDEN);
    await client.end();
  });

  it('that own nothing can start on a schema that is up to date, and say what to do on one that is not', async () => {
    const lesser = await login();
    await expect(migrateUp(lesser.url)).rejects.toThrow(/KEYWARD_MIGRATION_DATABASE_URL|keyward migrate up/);
    await migrateUp(url);
    await admitLogin(url, lesser.name);
    expect(await migrateUp(lesser.url)).toEqual([]);
  });

  it('that may do more are admitted and told of', async () => {
    await migrateUp(url);
    const { name } = await login('createrole');
    await administrator.query(`grant delete on audit_events to ${name}`);
    expect(await admitLogin(url, name)).toEqual(['may give itself other roles', 'may change audit_events']);
    await expect(admitLogin(url, 'nobody_of_this_name')).rejects.toThrow(DatabaseUnusable);
  });

  it('that own the schema and may make roles work under one that they made', async () => {
    const owner = await ownerOfTables('createrole');
    const role = (process.env.KEYWARD_DATABASE_ROLE = roleName());
    await migrateUp(owner.url);
    const { standing } = await connectAsServer(owner.url, role);
    expect(standing).toMatchObject({ role, login: owner.name, restriction: 'session', powers: [] });
  });

  it('that own the schema and may not make roles are told of, and work under one that an administrator made', async () => {
    const owner = await ownerOfTables();
    const role = (process.env.KEYWARD_DATABASE_ROLE = roleName());
    await migrateUp(owner.url);
    const without = await connectAsServer(owner.url, role);
    expect(without).toMatchObject({ url: owner.url, refusal: `role "${role}" does not exist` });
    expect(without.standing).toMatchObject({ role: owner.name, restriction: 'none' });
    expect(without.standing.powers).toContain('owns tables');

    await administrator.query(`create role ${role}`);
    expect((await connectAsServer(owner.url, role)).refusal).toMatch(/permission denied to set role/);

    await administrator.query(`grant ${role} to ${owner.name}`);
    await migrateUp(owner.url);
    expect((await connectAsServer(owner.url, role)).standing).toMatchObject({ role, restriction: 'session' });
  });

  it('keep their role where it was given too much only in name', async () => {
    const role = (process.env.KEYWARD_DATABASE_ROLE = roleName());
    await migrateUp(url);
    await administrator.query(`grant pg_write_all_data to ${role}`);
    const connection = await connectAsServer(url, role);
    expect(connection.standing.restriction).toBe('none');
    expect(connection.refusal).toBe(`the role ${role} may change audit_events, may change schema_migrations`);
  });

  it('are told of when something before PostgreSQL drops what the session asks for', async () => {
    await migrateUp(url);
    const pooler = await DatabaseProxy.to(url);
    pooler.ignoreOptions();
    try {
      const { standing, refusal, ...connection } = await connectAsServer(pooler.url, 'keyward_server');
      expect(connection.url).toBe(pooler.url);
      expect(standing.restriction).toBe('none');
      expect(refusal).toMatch(/although it asked to be keyward_server: something between here and PostgreSQL drops/);
    } finally {
      await pooler.close();
    }
  });

  it('find the same tables under the role, also where the search path names the user', async () => {
    const owner = await ownerOfTables('createrole');
    const itself = new pg.Client(owner.url);
    await itself.connect();
    await itself.query(`create schema ${owner.name}`);
    await itself.end();
    const role = (process.env.KEYWARD_DATABASE_ROLE = roleName());
    await migrateUp(owner.url);
    const { standing } = await connectAsServer(owner.url, role);
    expect(standing).toMatchObject({ role, restriction: 'session', schema: owner.name });
  });

  it('that make the role at the same moment in several databases all come up', async () => {
    const others = await Promise.all([1, 2, 3].map(() => createEmptyDatabase()));
    const role = (process.env.KEYWARD_DATABASE_ROLE = roleName());
    try {
      await Promise.all([url, ...others].map((each) => migrateUp(each)));
      for (const each of [url, ...others])
        expect((await connectAsServer(each, role)).standing.restriction).toBe('session');
    } finally {
      for (const each of others) await dropTestDatabase(each);
    }
  });
});

describe('The embedded database', () => {
  it('is served under a login of its own, which no session can leave', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-role-'));
    process.env.KEYWARD_DATA_DIR = join(folder, 'data');
    const opened = await openDatabase(new DatabaseConfig(), () => undefined);
    try {
      await migrateUp(opened.ownerUrl);
      const { url, standing } = await opened.connectServer();
      expect(standing).toMatchObject({ role: 'keyward_server', login: 'keyward_server', restriction: 'login' });
      const client = new pg.Client(url);
      await client.connect();
      for (const sql of [
        'set role keyward',
        'set session authorization keyward',
        'delete from audit_events',
        'create table mine ()',
      ])
        expect(await answerTo(client, sql)).toBe(FORBIDDEN);
      await client.end();
    } finally {
      delete process.env.KEYWARD_DATA_DIR;
      await opened.release();
      rmSync(folder, { recursive: true });
    }
  });
});
