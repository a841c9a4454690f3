import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { EventStreams } from '#libs/http';
import { Notifications } from '#libs/database';
import { EventReader, type StreamedEvent } from '../support/event-reader.js';
import { eventually } from '../support/eventually.js';
import { customRole, organization } from '../support/tenants.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

const STREAM = '/api/v1/admin/analytics/stream';

describe('the live stream of usage', () => {
  let a: TestApp;
  let b: TestApp;
  const readers: EventReader[] = [];

  const open = async (replica: TestApp, key: string, query = ''): Promise<EventReader> => {
    const reader = await EventReader.open(`${replica.url}${STREAM}${query}`, key);
    readers.push(reader);
    return reader;
  };
  const heard = async (replica: TestApp): Promise<void> => {
    await eventually(async () => expect(replica.app.get(Notifications).connected).toBe(true), 4000);
  };
  const rested = async (replica: TestApp): Promise<void> => {
    await eventually(async () => expect(replica.app.get(EventStreams).count).toBe(0), 2000);
  };

  beforeAll(async () => {
    a = await startTestApp();
    b = await startTestApp({}, a.databaseUrl);
    await customRole(a, 'analyst', ['analytics:read']);
    await Promise.all([heard(a), heard(b)]);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await Promise.all([rested(a), rested(b)]);
  });
  afterAll(async () => {
    await b.close();
    await a.close();
  });

  it('shows on each replica every call of all replicas once', async () => {
    const user = await a.user();
    await a.get('/nothing', { key: user.key });
    const streams = await Promise.all([open(a, a.adminKey), open(b, a.adminKey)]);
    for (const stream of streams) {
      expect(stream.response.status).toBe(200);
      expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(stream.response.headers.get('cache-control')).toBe('no-store');
    }
    await Promise.all(streams.map((stream) => stream.next()));
    for (let call = 0; call < 10; call++) {
      await a.get('/profile', { key: user.key });
      await b.get('/admin/users', { key: user.key });
    }
    const ofUser = ({ events }: EventReader): number =>
      events.reduce((sum, { data }) => sum + callsOf(data, user.keyId), 0);
    for (const stream of streams) {
      await eventually(async () => expect(ofUser(stream)).toBeGreaterThanOrEqual(20), 5000);
      const errors = stream.events.reduce((sum, { data }) => sum + data.clientErrors, 0);
      expect(errors).toBeGreaterThanOrEqual(10);
      const busy = stream.events.find(({ data }) => data.calls > 0);
      expect(busy).toMatchObject({
        event: 'usage',
        data: { isComplete: true, latencyMs: { p50: expect.any(Number), p99: expect.any(Number) } },
      });
      await stream.next();
      expect([20, 21]).toContain(ofUser(stream)); // the one before the streams may have been told when they were open
    }
  });

  it('tells every second, also when nothing happens', async () => {
    const stream = await open(a, a.adminKey);
    await stream.next();
    const began = performance.now();
    await stream.next();
    await stream.next();
    expect(performance.now() - began).toBeGreaterThan(1500);
    expect(performance.now() - began).toBeLessThan(3500);
  });

  it('shows those bound to one organization its calls alone, whatever they ask for', async () => {
    const elsewhere = await organization(a, `elsewhere-${randomUUID()}`);
    const analyst = await a.user({ roles: ['analyst'], organizationId: elsewhere });
    const member = await a.user({ organizationId: elsewhere });
    const own = await open(b, analyst.key);
    const foreign = await open(b, analyst.key, '?organizationId=00000000-0000-7000-8000-000000000000');
    const wide = await open(b, a.adminKey, `?organizationId=${elsewhere}`);
    await Promise.all([own.next(), foreign.next(), wide.next()]);
    await a.get('/api-keys', { key: member.key });
    await a.get('/api-keys');
    const shown = (reader: EventReader, keyId: string): number =>
      reader.events.reduce((sum, { data }) => sum + callsOf(data, keyId), 0);
    for (const reader of [own, wide]) await eventually(async () => expect(shown(reader, member.keyId)).toBe(1), 5000);
    await foreign.next();
    expect(foreign.events.every(({ data }) => data.calls === 0)).toBe(true);
    for (const reader of [own, wide]) expect(shown(reader, a.adminKeyId)).toBe(0);
  });

  it('is recorded when it begins, once', async () => {
    const requestId = randomUUID();
    const stream = await EventReader.open(`${a.url}${STREAM}`, a.adminKey, { 'x-request-id': requestId });
    const rows = (): Promise<object[]> =>
      a.sql('select status_code, route from api_usage join usage_routes on id = route_id where request_id = $1', [
        requestId,
      ]);
    expect(await rows()).toEqual([{ status_code: 200, route: STREAM }]);
    await stream.next();
    stream.close();
    await rested(a);
    await a.get('/profile'); // what was recorded before it is in the table
    expect(await rows()).toHaveLength(1);
  });

  describe('ends', () => {
    const endings: [string, (user: TestUser) => Promise<Answer>][] = [
      ['revoked', ({ keyId }) => a.delete(`/admin/api-keys/${keyId}`)],
      ['narrowed', ({ keyId }) => a.patch(`/admin/api-keys/${keyId}`, { permissions: [] })],
      ['of an owner who was locked', ({ id }) => a.post(`/admin/users/${id}/lock`, { reason: 'left' })],
      ['of an owner who lost the role', ({ id }) => a.put(`/admin/users/${id}/roles`, { roles: ['user'] })],
      ['of an owner who was deleted', ({ id }) => a.delete(`/admin/users/${id}`)],
    ];

    it.each(endings)('within a second on every replica when its key is %s', async (_, end) => {
      const user = await a.user({ roles: ['analyst'] });
      const streams = await Promise.all([open(a, user.key), open(b, user.key)]);
      await Promise.all(streams.map((stream) => stream.next()));
      expect((await end(user)).status).toBeLessThan(300);
      const answered = performance.now();
      for (const stream of streams) expect((await stream.ended) - answered).toBeLessThan(1000);
    });

    it('within a second also where no news of it arrives', async () => {
      const user = await a.user({ roles: ['analyst'] });
      const stream = await open(b, user.key);
      await stream.next();
      listeningSocket(b).pause();
      await a.delete(`/admin/api-keys/${user.keyId}`);
      const answered = performance.now();
      expect((await stream.ended) - answered).toBeLessThan(1000);
      await heard(b);
    });

    it('when its reader falls behind, rather than to be buffered for', async () => {
      const streams = a.app.get(EventStreams);
      const { port } = new URL(a.url);
      const socket = new Socket().connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined).pause();
      socket.write(`GET ${STREAM} HTTP/1.1\r\nHost: test\r\nX-API-Key: ${a.adminKey}\r\n\r\n`);
      await eventually(async () => expect(streams.count).toBe(1), 2000);
      const [[stream]] = [
        ...(Reflect.get(streams, 'open') as Map<{ send(event: string, data: object): void }, string>),
      ].map(([one]) => [one]) as [[{ send(event: string, data: object): void }]];
      for (let sent = 0; sent < 2000 && streams.count > 0; sent++) {
        stream.send('usage', { filler: 'x'.repeat(10_000) });
        await new Promise(setImmediate);
      }
      await rested(a);
      socket.destroy();
    });
  });

  it('is open five times at most with one key, and the refusal says so', async () => {
    for (let count = 0; count < 5; count++) await open(a, a.adminKey);
    const refused = await a.get('/admin/analytics/stream');
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'stream.too_many',
      '1',
    ]);
    const another = await a.user({ roles: ['analyst'] });
    expect((await open(a, another.key)).response.status).toBe(200);
    readers[0]?.close();
    await eventually(async () => expect((await open(a, a.adminKey)).response.status).toBe(200), 2000);
  });

  it('is not taken from everybody by the keys of one organization', async () => {
    const c = await startTestApp({ KEYWARD_STREAMS: '12' }, a.databaseUrl);
    const [one, two] = await Promise.all([a.user({ roles: ['analyst'] }), a.user({ roles: ['analyst'] })]);
    for (let n = 0; n < 5; n++) await open(c, one.key);
    const refused = await c.get('/admin/analytics/stream', { key: two.key });
    expect([refused.status, refused.body.code]).toEqual([429, 'stream.too_many']);
    expect((await open(c, a.adminKey)).response.status).toBe(200);
    await c.close();
  });

  it('answers HEAD without beginning', async () => {
    expect((await a.call('HEAD', '/admin/analytics/stream')).status).toBe(200);
    expect(a.app.get(EventStreams).count).toBe(0);
  });

  it('is refused with 503 where a process has as many streams as it may, and ends when the process goes', async () => {
    const c = await startTestApp({ KEYWARD_STREAMS: '1' }, a.databaseUrl);
    const stream = await open(c, a.adminKey);
    await stream.next();
    const refused = await c.get('/admin/analytics/stream', { key: a.adminKey });
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'stream.unavailable',
      '1',
    ]);
    const began = performance.now();
    await c.close();
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await stream.ended).toBeLessThan(performance.now());
  });
});

function callsOf(view: StreamedEvent['data'], keyId: string): number {
  return view.topKeys.find((key: { keyId: string }) => key.keyId === keyId)?.calls ?? 0;
}

/** The socket on which the replica hears notifications. */
function listeningSocket(replica: TestApp): { pause(): unknown } {
  const client: unknown = Reflect.get(replica.app.get(Notifications), 'client');
  return (client as { connection: { stream: { pause(): unknown } } }).connection.stream;
}
