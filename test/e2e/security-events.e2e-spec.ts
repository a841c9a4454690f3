import { organization, customRole } from '../support/tenants.js';
import { eventually } from '../support/eventually.js';
import { forged } from '../support/key-form.js';
import { startTestApp, type Answer, type TestApp, type TestUser } from '../support/test-app.js';

const LIMIT = 5;
const ABSENT_ID = '01900000-0000-7000-8000-000000000000';

describe('security events', () => {
  let app: TestApp;
  const wrong = (key: string, guess: number): string =>
    forged(key, {
      secret: String(guess)
        .padStart(43, 'A')
        .slice(0, key.slice(key.lastIndexOf('_') + 1).length - 6),
    });
  const guess = async (victim: TestUser, times: number): Promise<void> => {
    for (let at = 0; at < times; at++) {
      const answer = await app.get('/profile', { key: wrong(victim.key, at) });
      expect(answer.body.code).toBe('api_key.invalid');
    }
  };
  const eventsAbout = (query: string): Promise<Answer['body']['items']> =>
    eventually(async () => {
      const { items } = (await app.get(`/admin/security/events?${query}`)).body;
      expect(items.length).toBeGreaterThan(0);
      return items;
    }, 5000);

  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_GUESS_ALARM: `${LIMIT}/60` });
  });
  afterAll(() => app.close());

  it('tell once of many wrong secrets for one key, and its holder is served all the while', async () => {
    const victim = await app.user();
    await guess(victim, LIMIT * 4);
    expect((await app.get('/profile', { key: victim.key })).status).toBe(200);
    const events = await eventsAbout(`keyId=${victim.keyId}`);
    expect(events).toEqual([
      expect.objectContaining({
        detector: 'brute-force',
        severity: 'high',
        status: 'open',
        keyId: victim.keyId,
        userId: victim.id,
        address: '127.0.0.1',
        details: { guesses: LIMIT + 1, windowSeconds: 60 },
        acknowledgedAt: null,
        note: null,
      }),
    ]);
    const [user] = await app.sql<{ locked_at: Date | null }>('select locked_at from users where id = $1', [victim.id]);
    expect(user?.locked_at).toBeNull();
  });

  it('tell of many wrong keys from one address, whichever keys they are', async () => {
    const [event, ...others] = await eventsAbout('severity=medium&detector=brute-force');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      title: 'Many wrong keys from one address',
      keyId: null,
      organizationId: null,
      address: '127.0.0.1',
    });
  });

  it('hold no secret', async () => {
    const { key, keyId } = await app.user();
    await guess({ id: '', email: '', key, keyId }, LIMIT + 1);
    await eventsAbout(`keyId=${keyId}`);
    const rows = await app.sql('select to_jsonb(e) as e from security_events e');
    expect(JSON.stringify(rows)).not.toContain(key.slice(key.lastIndexOf('_') + 1));
    expect(JSON.stringify(rows)).not.toContain('AAAAAAAA');
  });

  it('are acknowledged and resolved, with a note, once, and each step is in the audit log', async () => {
    const victim = await app.user();
    await guess(victim, LIMIT + 1);
    const [{ id }] = await eventsAbout(`keyId=${victim.keyId}`);
    const acknowledged = await app.patch(`/admin/security/events/${id}`, { status: 'acknowledged', note: 'Looking.' });
    expect(acknowledged.body).toMatchObject({
      status: 'acknowledged',
      acknowledgedBy: app.adminId,
      note: 'Looking.',
      resolvedAt: null,
    });
    expect(acknowledged.headers.get('etag')).toBe('"2"');
    const resolved = await app.patch(`/admin/security/events/${id}`, { status: 'resolved' });
    expect(resolved.body).toMatchObject({ status: 'resolved', resolvedBy: app.adminId, note: 'Looking.' });
    expect((await app.get(`/admin/security/events/${id}`)).body).toEqual(resolved.body);
    const reopened = await app.patch(`/admin/security/events/${id}`, { status: 'acknowledged' });
    expect([reopened.status, reopened.body.code]).toEqual([409, 'security_event.resolved']);
    const { items } = (await app.get(`/admin/logs?target=${id}`)).body;
    expect(items.map(({ action }: { action: string }) => action)).toEqual([
      'security_event.resolved',
      'security_event.acknowledged',
    ]);
    expect((await app.get('/admin/security/events?status=resolved')).body.items).toEqual([resolved.body]);
  });

  it('come in pages, newest first', async () => {
    const all = (await app.get('/admin/security/events')).body.items;
    expect(all.length).toBeGreaterThan(2);
    const first = (await app.get('/admin/security/events?limit=2')).body;
    const second = (await app.get(`/admin/security/events?limit=2&after=${first.next}`)).body;
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 4));
    expect((await app.get('/admin/security/events?from=2100-01-01')).body.items).toEqual([]);
  });

  it('of another organization do not exist, and those of the installation are the operator’s', async () => {
    const acme = await organization(app, 'acme');
    await customRole(app, 'watcher', ['security:*']);
    const watcher = await app.user({ roles: ['watcher'], organizationId: acme });
    const colleague = await app.user({ organizationId: acme });
    await guess(colleague, LIMIT + 1);
    const [own] = await eventsAbout(`keyId=${colleague.keyId}`);
    const seen = (await app.get('/admin/security/events?limit=100', { key: watcher.key })).body.items;
    expect(seen).toEqual([own]);
    const foreign = (await app.get('/admin/security/events?limit=100')).body.items.find(
      ({ organizationId }: { organizationId: string | null }) => organizationId !== acme,
    );
    for (const id of [foreign.id, ABSENT_ID]) {
      const read = await app.get(`/admin/security/events/${id}`, { key: watcher.key });
      const changed = await app.patch(`/admin/security/events/${id}`, { status: 'resolved' }, { key: watcher.key });
      expect([read.status, read.body.detail, changed.status]).toEqual([404, 'There is no such security event.', 404]);
    }
  });

  it('are reported once in ten minutes over all replicas', async () => {
    const victim = await app.user();
    const other = await startTestApp({ KEYWARD_GUESS_ALARM: `${LIMIT}/60` }, app.databaseUrl);
    try {
      for (let at = 0; at <= LIMIT; at++) {
        for (const replica of [app, other]) await replica.get('/profile', { key: wrong(victim.key, at) });
      }
      await eventsAbout(`keyId=${victim.keyId}`);
    } finally {
      await other.close(); // writes what it has
    }
    // the end of a window may fall between the two
    expect((await eventsAbout(`keyId=${victim.keyId}`)).length).toBeLessThanOrEqual(2);
    const [{ windows, events }] = (await app.sql(
      'select count(distinct window_start)::int as windows, count(*)::int as events from security_events where key_id = $1',
      [victim.keyId],
    )) as [{ windows: number; events: number }];
    expect(events).toBe(windows);
  });
});
