import pg from 'pg';
import { AuditLog } from '#libs/audit';
import { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { parseEventLine } from '../../libs/audit/src/chain/event-lines.js';
import { verifyEvents } from '../../libs/audit/src/chain/verification.js';
import { chainKeys, verifyTable } from '../support/audit-chain.js';
import { customRole, organization } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const actor = Principal.system('chain spec');
const entry = (id: string) => ({ actor, action: 'thing.done', target: { type: 'thing', id }, organizationId: null });
const record = (app: TestApp, id: string): Promise<void> => app.app.get(AuditLog).record(entry(id));

describe('the audit chain', () => {
  let app: TestApp;
  let other: TestApp;
  let db: pg.Pool;
  beforeAll(async () => {
    app = await startTestApp();
    other = await startTestApp({}, app.databaseUrl);
    db = new pg.Pool({ connectionString: app.databaseUrl, max: 2 });
    db.on('error', () => undefined);
  });
  afterAll(async () => {
    await other.close();
    await db.end();
    await app.close();
  });

  const verified = async (): Promise<number> => {
    const { fault, events, head } = await verifyTable(db);
    expect({ fault, events }).toEqual({ fault: null, events: head.position });
    return events;
  };

  it('has no gap and no false alarm when two replicas append at once, some of it in vain', async () => {
    const database = app.app.get(Database);
    const inVain = (id: string): Promise<void> =>
      database.transaction(async () => {
        await record(app, id);
        throw new Error('in vain');
      });
    const before = await verified();
    const jobs = Array.from({ length: 300 }, (_, at) => at).values();
    let kept = 0;
    /** On a machine that is busy with more than this, it may be refused, and is made again. */
    const made = (at: number): Promise<boolean> =>
      record(at % 2 === 0 ? app : other, `${at}`).then(
        () => true,
        () => false,
      );
    const work = async (): Promise<void> => {
      for (const at of jobs) {
        if (at % 3 === 0) await expect(inVain(`${at}`)).rejects.toThrow();
        else for (; !(await made(at)););
        kept += at % 3 === 0 ? 0 : 1;
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    expect(kept).toBe(200);
    expect(await verified()).toBeGreaterThanOrEqual(before + kept);
    const inVainKept = await db.query(`select from audit_events where target_id::text = any ($1)`, [
      Array.from({ length: 100 }, (_, at) => `${at * 3}`),
    ]);
    expect(inVainKept.rowCount).toBe(0);
  });

  it('keeps the order in which a transaction told of its events', async () => {
    await app.app.get(Database).transaction(async () => {
      for (const id of ['a', 'b', 'c']) await record(app, `order ${id}`);
      expect((await db.query(`select from audit_events where target_id like 'order %'`)).rowCount).toBe(0);
    });
    const { rows } = await db.query(
      `select target_id from audit_events where target_id like 'order %' order by position`,
    );
    expect(rows.map(({ target_id }) => target_id)).toEqual(['order a', 'order b', 'order c']);
  });

  it('holds whatever JSON can hold', async () => {
    const after = {
      numbers: [0, -0, 1.5, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53, -123.456e-10],
      names: { '': 1, ä: 1, '\u{1F600}': 1, '\uE000': 1, 10: 1, 9: 1, constructor: 1, b: { z: 1, a: [null, {}] } },
      text: '\u2028 \u007f "quoted" \\ \t / é',
      nothing: undefined,
      at: new Date(0),
    };
    await app.app.get(AuditLog).record({ ...entry('json'), before: JSON.parse('{"__proto__": {"a": 1}}'), after });
    await verified();
  });

  it('tells an administrator over HTTP that it is whole, part by part', async () => {
    let after = '';
    let events = 0;
    for (;;) {
      const { status, body } = await app.get(`/admin/logs/verify?limit=50${after}`);
      expect({ status, valid: body.valid, fault: body.fault }).toEqual({ status: 200, valid: true, fault: null });
      events += body.events;
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(events).toBe(await verified());
    expect((await app.get('/admin/logs/verify?after=99999999')).body.code).toBe('request.invalid_cursor');
  });

  it('tells an organization’s administrator of their rows alone', async () => {
    await customRole(app, 'verifier', ['logs:read', 'logs:export']);
    const organizationId = await organization(app, 'chained');
    const reader = await app.user({ roles: ['verifier'], organizationId });
    const [{ own }] = (
      await db.query('select count(*)::int as own from audit_events where organization_id = $1', [organizationId])
    ).rows as [{ own: number }];
    const { body } = await app.get('/admin/logs/verify', { key: reader.key });
    expect(body).toMatchObject({ valid: true, events: own, next: null });
    const { text } = await app.get('/admin/logs/export?format=jsonl', { key: reader.key });
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(own);
    expect(new Set(lines.map((line) => JSON.parse(line).organizationId))).toEqual(new Set([organizationId]));
  });

  describe('is exported', () => {
    const linesOf = async (query = ''): Promise<string[]> => {
      const { status, text, headers } = await app.get(`/admin/logs/export?format=jsonl${query}`);
      expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
      return text === '' ? [] : text.trimEnd().split('\n');
    };
    async function* events(lines: readonly string[]) {
      yield lines.map((line) => {
        const event = parseEventLine(line);
        if (event === undefined) throw new Error(`no event: ${line}`);
        return event;
      });
    }

    it('as JSON lines that verify by themselves, before and after a person in them is erased', async () => {
      const user = await app.user();
      await app.patch('/profile', { name: 'Sappho of Eresos' }, { key: user.key });
      const lines = await linesOf();
      expect(lines.filter((line) => line.includes('Sappho of Eresos'))).toHaveLength(1);
      expect(await verifyEvents(events(lines), { keys: chainKeys() })).toMatchObject({
        fault: null,
        events: lines.length,
      });
      expect((await app.delete('/profile', { key: user.key })).status).toBe(204);
      const after = await linesOf();
      expect(after.join()).not.toContain('Sappho of Eresos');
      expect(await verifyEvents(events(after), { keys: chainKeys() })).toMatchObject({ fault: null });
      expect((await verifyEvents(events(lines), { keys: chainKeys() })).fault).toBeNull();
    });

    it('from where a former download ended', async () => {
      const whole = await linesOf();
      const rest = await linesOf(`&after=${JSON.parse(whole[9]!).position}`);
      expect(rest.slice(0, 5)).toEqual(whole.slice(10, 15));
      expect(await linesOf('&after=999999')).toEqual([]);
    });

    it('filtered, each row verifiable by itself', async () => {
      const lines = await linesOf('&action=user.*');
      expect(lines.length).toBeGreaterThan(2);
      const found = await verifyEvents(events(lines), { keys: chainKeys(), partial: true });
      expect(found).toMatchObject({ fault: null, events: lines.length });
    });

    it('as CSV in which nothing is a formula', async () => {
      await app.post('/admin/users', { email: 'formula@example.com', name: '=HYPERLINK("http://x")' });
      await app.app.get(AuditLog).record(entry('=cmd()'));
      const { text } = await app.get('/admin/logs/export?format=csv&action=thing.done');
      expect(text.split('\r\n')[0]).toMatch(/^position,id,occurredAt,actorKind,/);
      expect(text).toContain(",'=cmd(),");
    });

    it('to whoever may export, and in a format that there is', async () => {
      const reader = await app.user();
      expect((await app.get('/admin/logs/export?format=csv', { key: reader.key })).body.code).toBe(
        'permission.missing',
      );
      for (const query of ['', '?format=xml', '?format=csv&limit=1', '?format=csv&after=-1', '?format=csv&after=x'])
        expect((await app.get(`/admin/logs/export${query}`)).status).toBe(400);
    });
  });
});

describe('events from before there was a chain', () => {
  it('are taken into it once, by one of the replicas that start, and none can be slipped in', async () => {
    const app = await startTestApp();
    const db = new pg.Pool({ connectionString: app.databaseUrl, max: 2 });
    db.on('error', () => undefined);
    try {
      // as an earlier version left it
      await db.query('alter table audit_events drop constraint audit_events_chained_check');
      await db.query('update audit_events set position = null, hash = null, mac = null, mac_key = null');
      await db.query("update audit_events set occurred_at = occurred_at + interval '7 microseconds'");
      await db.query(`update audit_chain set position = 0, hash = sha256('')`);
      await db.query(`insert into audit_events (id, actor_kind, action, target_type)
        select gen_random_uuid(), 'system', 'old.done', 'old' from generate_series(1, 2500)`);
      await db.query(`alter table audit_events add constraint audit_events_chained_check check
        (position is not null and hash is not null and mac is not null and mac_key is not null) not valid`);
      const replicas = await Promise.all([1, 2, 3].map(() => startTestApp({}, app.databaseUrl)));
      const { fault, events, head } = await verifyTable(db);
      expect({ fault, events }).toEqual({ fault: null, events: head.position });
      expect(events).toBeGreaterThan(2500);
      const [{ wrong }] = (
        await db.query(`select count(*)::int as wrong from (
          select id < lag(id) over (order by position) as wrong from audit_events) e where wrong`)
      ).rows as [{ wrong: number }];
      expect(wrong).toBe(0);
      const slip = `insert into audit_events (id, actor_kind, action, target_type) values (gen_random_uuid(), 'system', 'x.y', 'x')`;
      await expect(db.query(slip)).rejects.toThrow('audit_events_chained_check');
      await expect(db.query(`select audit_adopt('{}', '{}', '{}', '{}', '')`)).rejects.toThrow('has begun');
      for (const replica of replicas) await replica.close();
    } finally {
      await db.end();
      await app.close();
    }
  });
});
