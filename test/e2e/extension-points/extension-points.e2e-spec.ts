import { MetricsServer } from '#libs/metrics';
import { eventually } from '../../support/eventually.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { BADGE_HOLDER, BadgeFeature } from './fixtures/badge.authenticator.js';
import { DeskFeature, DeskParticipant, Drawer } from './fixtures/desk.participant.js';
import { FountainFeature } from './fixtures/fountain.metrics.js';
import { GateFeature, GateObserver } from './fixtures/gate.observer.js';
import { AuditLedger, LedgerFeature, UsageLedger } from './fixtures/ledger.sinks.js';
import { LiftFeature, LiftProbe } from './fixtures/lift.probe.js';
import { NightFeature } from './fixtures/night.detector.js';
import { PebblesFeature } from './fixtures/pebbles.feature.js';
import { TeapotFeature } from './fixtures/teapot.translator.js';

/** Each seam, proved through the whole application by a feature that core has never heard of. */
describe('a feature that plugs in', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ KEYWARD_METRICS_PORT: '0' }, undefined, [
      PebblesFeature,
      BadgeFeature,
      GateFeature,
      TeapotFeature,
      DeskFeature,
      LiftFeature,
      NightFeature,
      LedgerFeature,
      FountainFeature,
    ]);
  });
  afterAll(() => app.close());

  describe('with a permission of its own', () => {
    it('has it in the catalogue, and protects a route by it', async () => {
      expect((await app.get('/admin/permissions')).text).toContain('pebbles:read');
      expect((await app.get('/pebbles')).body).toEqual({ text: `a pebble of ${app.adminId}` });
      const user = await app.user();
      const refused = await app.get('/pebbles', { key: user.key });
      expect([refused.status, refused.body.missing]).toEqual([403, ['pebbles:read']]);
      await app.post('/admin/permissions', { userId: user.id, permissions: ['pebbles:read'] });
      expect((await app.get('/pebbles', { key: user.key })).body).toEqual({ text: `a pebble of ${user.id}` });
    });

    it('answers 401 to strangers, without a line about it', async () => {
      expect((await app.get('/pebbles', { key: null })).body.code).toBe('credential.missing');
    });
  });

  it('with a problem of its own answers it, documents it and gives it a page', async () => {
    const answer = await app.get('/pebbles/cracked');
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      410,
      'pebble.cracked',
      'One half is missing.',
    ]);
    expect((await app.get('//problems/pebble.cracked')).text).toContain('Find another.');
    const { paths } = (await app.get('//openapi.json')).body;
    expect(paths['/api/v1/pebbles/cracked'].get.responses[410]['x-problem-codes']).toEqual(['pebble.cracked']);
  });

  describe('with @Authenticates()', () => {
    it('lets its own kind of credential in, in both headers, as who it says', async () => {
      for (const headers of [{ 'x-api-key': 'badge-7' }, { authorization: 'Bearer badge-7' }] as Record<
        string,
        string
      >[]) {
        const answer = await app.get('/pebbles', { key: null, headers });
        expect(answer.body).toEqual({ text: `a pebble of ${BADGE_HOLDER.userId}` });
      }
    });

    it('gives it the permissions that it named and no others', async () => {
      const refused = await app.get('/admin/users', { key: 'badge-7' });
      expect([refused.status, refused.body.code]).toEqual([403, 'permission.missing']);
    });

    it('refuses in its own words, with a challenge', async () => {
      const refused = await app.get('/pebbles', { key: 'badge-lost' });
      expect([refused.status, refused.body.code]).toEqual([401, 'badge.lost']);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyward", error="invalid_token"/);
    });

    it('leaves API keys as they were', async () => {
      expect((await app.get('/pebbles', { key: 'kw_live_nonsense' })).body.code).toBe('api_key.malformed');
      expect((await app.get('/pebbles')).status).toBe(200);
    });
  });

  it('with @ObservesAccess() hears who was let in and who was not; one that throws harms nobody', async () => {
    const { seen } = app.app.get(GateObserver);
    seen.length = 0;
    expect((await app.get('/pebbles')).status).toBe(200);
    await app.get('/pebbles', { key: 'badge-lost' });
    expect(seen).toEqual([`admitted ${app.adminId} to /api/v1/pebbles`, 'rejected at /api/v1/pebbles: badge.lost']);
  });

  it('with @ObservesAccess() hears what was judged for a service, and who asked', async () => {
    const { seen } = app.app.get(GateObserver);
    seen.length = 0;
    await app.post('/api-keys/verify', { key: app.adminKey });
    await app.post('/api-keys/verify', { key: 'no key that anybody knows' });
    expect(seen.filter((line) => line.startsWith('judged'))).toEqual([
      `judged ${app.adminKeyId} for ${app.adminKeyId}: valid`,
      `judged null for ${app.adminKeyId}: api_key.invalid: unknown legacy key`,
    ]);
  });

  it('with @TranslatesErrors() tells clients what the errors of a library mean', async () => {
    const answer = await app.get('/tea');
    expect([answer.status, answer.body.code]).toEqual([409, 'teapot.empty']);
    expect(answer.text).not.toContain('errno');
  });

  describe('with @TakesPartInUserRemoval()', () => {
    it('acts when a user is removed', async () => {
      const { id } = await app.user();
      expect((await app.delete(`/admin/users/${id}`)).status).toBe(204);
      expect(app.app.get(DeskParticipant).cleared).toContain(id);
    });

    it('can undo the removal', async () => {
      const { id, key } = await app.user();
      app.app.get(DeskParticipant).messy.add(id);
      const refused = await app.delete(`/admin/users/${id}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'desk.messy']);
      expect((await app.get('/profile', { key })).status).toBe(200);
    });
  });

  it('with @HoldsPersonalData() is part of an export and of an erasure', async () => {
    const { id } = await app.user();
    const { sections } = (await app.get(`/admin/users/${id}/export`)).body;
    expect(sections.drawer).toEqual({ items: [{ letterTo: id }], next: null });
    expect((await app.post(`/admin/users/${id}/erase`)).status).toBe(204);
    expect(app.app.get(Drawer).emptied).toEqual([id]);
  });

  it('with @HealthProbe() decides over readiness', async () => {
    expect((await app.get('//health/ready')).status).toBe(200);
    app.app.get(LiftProbe).stuck = true;
    await eventually(async () => expect((await app.get('//health/ready')).status).toBe(503), 3000);
    expect((await app.get('//health/live')).status).toBe(200);
    app.app.get(LiftProbe).stuck = false;
    await eventually(async () => expect((await app.get('//health/ready')).status).toBe(200), 3000);
  });

  it('with @ReportsMetrics() is scraped beside everybody else', async () => {
    const scraped = await (await fetch(app.app.get(MetricsServer).url ?? '')).text();
    expect(scraped).toContain(
      '# HELP fountain_level_meters How high the water stands\n# TYPE fountain_level_meters gauge\n',
    );
    expect(scraped).toContain('\nfountain_level_meters{basin="upper"} 0.4\nfountain_level_meters{basin="lower"} 1.2\n');
    expect(scraped).toContain('\nkeyward_draining 0\n');
  });

  it('with @SecurityDetector() raises events from admitted and refused calls; one that throws harms nobody', async () => {
    const headers = { 'user-agent': 'burglar' };
    expect((await app.get('/pebbles', { headers })).status).toBe(200);
    expect((await app.get('/pebbles', { headers, key: 'badge-lost' })).status).toBe(401);
    const events = await eventually(async () => {
      const { items } = (await app.get('/admin/security/events?detector=night-watch')).body;
      expect(items).toHaveLength(2);
      return items;
    }, 5000);
    expect(events).toEqual([
      expect.objectContaining({
        summary: 'A burglar was refused at /api/v1/pebbles.',
        severity: 'critical',
        userId: null,
      }),
      expect.objectContaining({
        summary: 'A burglar was admitted at /api/v1/pebbles.',
        userId: app.adminId,
        details: { steps: 3 },
      }),
    ]);
  });

  it('with @UsageSink() is given every record that was committed; those that throw or hang harm nobody', async () => {
    const ledger = app.app.get(UsageLedger);
    const headers = { 'x-request-id': 'request-for-the-ledger' };
    expect((await app.get('/pebbles', { headers })).status).toBe(200);
    const record = await eventually(async () => {
      const found = ledger.records.find(({ requestId }) => requestId === headers['x-request-id']);
      expect(found).toBeDefined();
      return found;
    }, 5000);
    expect(record).toMatchObject({
      route: '/api/v1/pebbles',
      method: 'GET',
      statusCode: 200,
      apiKeyId: app.adminKeyId,
    });
    await eventually(async () => {
      const [row] = await app.sql<{ count: number }>('select count(*)::int as count from api_usage');
      expect(ledger.records).toHaveLength(row?.count ?? -1);
    }, 5000);
  });

  it('with @AuditSink() is given every event that was committed, as it is stored, and none that was not', async () => {
    const ledger = app.app.get(AuditLedger);
    const { id } = await app.user();
    app.app.get(DeskParticipant).messy.add(id);
    expect((await app.delete(`/admin/users/${id}`)).status).toBe(409);
    await app.post(`/admin/users/${id}/lock`, { reason: 'on leave' });
    const entry = await eventually(async () => {
      const found = ledger.entries.find(({ action, target }) => action === 'user.locked' && target.id === id);
      expect(found).toBeDefined();
      return found;
    }, 5000);
    const [stored] = await app.sql(
      `select id, occurred_at, actor_kind, actor_user_id, actor_key_id, organization_id, before, after, address, request_id
       from audit_events where target_id = $1 and action = 'user.locked'`,
      [id],
    );
    expect(entry).toMatchObject({
      id: stored?.id,
      occurredAt: stored?.occurred_at,
      actor: { kind: stored?.actor_kind, userId: stored?.actor_user_id, keyId: stored?.actor_key_id },
      target: { type: 'user', id },
      organizationId: stored?.organization_id,
      before: stored?.before,
      after: stored?.after,
      address: stored?.address,
      requestId: stored?.request_id,
    });
    expect(ledger.entries.some(({ action, target }) => action === 'user.deleted' && target.id === id)).toBe(false);
  });
});
