import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { CheckpointWriter } from '#libs/audit';
import { MetricsServer } from '#libs/metrics';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
const bodyOf = async (request: IncomingMessage): Promise<any> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
};

async function waitingFor(app: TestApp): Promise<number> {
  const text = await (await fetch(app.app.get(MetricsServer).url!)).text();
  return Number(/^keyward_audit_sink_waiting_events\{sink="WebhookSink"\} (\d+)$/m.exec(text)?.[1]);
}

describe('audit events are also sent', () => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  const change = async (): Promise<{ id: string }> =>
    (await app!.post('/admin/users', { email: `${Math.random()}@example.com` })).body;

  it('by UDP as syslog of RFC 5424', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const heard: string[] = [];
    socket.on('message', (message) => heard.push(message.toString()));
    app = await startTestApp({ KEYWARD_AUDIT_SYSLOG: `udp://127.0.0.1:${portOf(socket)}` });
    const { id } = await change();
    const message = await eventually(() => {
      const found = heard.find((text) => text.includes('user.created') && text.includes(id));
      expect(found).toBeDefined();
      return Promise.resolve(found!);
    }, 5000);
    expect(message).toMatch(/^<109>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ keyward \d+ user\.created - \uFEFF\{/);
    expect(JSON.parse(message.slice(message.indexOf('{')))).toMatchObject({
      target: { id },
      position: expect.any(Number),
    });
    socket.close();
  });

  it('by TCP in counted frames, and again once a lost connection can be made', async () => {
    let heard = '';
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => (heard += chunk.toString()));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    app = await startTestApp({ KEYWARD_AUDIT_SYSLOG: `tcp://127.0.0.1:${portOf(server)}` });
    const seen = (id: string): Promise<void> =>
      eventually(() => {
        expect(heard).toContain(id);
        return Promise.resolve();
      }, 8000);
    await seen((await change()).id);
    for (const socket of sockets) socket.destroy();
    heard = '';
    await change(); // may be written to what is closed already, as TCP has it
    await seen((await change()).id);
    const [, length = '0', rest = ''] = /^(\d+) (<109>1 [^]*)$/.exec(heard) ?? [];
    expect(Buffer.from(rest).subarray(0, Number(length)).toString()).toMatch(/\}$/);
    server.close();
  });

  it('by HTTP as JSON in order, tried again while it is refused, checkpoints too', async () => {
    const taken: any[] = [];
    let refusals = 2;
    const server = createHttpServer((request, response) => {
      void bodyOf(request).then((body) => {
        const refuses = refusals-- > 0;
        if (!refuses) taken.push({ ...body, authorization: request.headers.authorization });
        response.writeHead(refuses ? 503 : 204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    app = await startTestApp({
      KEYWARD_AUDIT_WEBHOOK: `http://127.0.0.1:${portOf(server)}/audit`,
      KEYWARD_AUDIT_WEBHOOK_TOKEN: 'collector',
    });
    await change();
    await app.app.get(CheckpointWriter).write();
    const types = await eventually(() => {
      expect(taken.at(-1)).toMatchObject({ type: 'checkpoint', authorization: 'Bearer collector' });
      return Promise.resolve(taken.flatMap(({ event }) => (event === undefined ? [] : [event.position])));
    }, 10_000);
    expect(types.length).toBeGreaterThan(2);
    expect(types).toEqual(types.toSorted((a, b) => a - b));
    await app.close();
    app = undefined;
    server.close();
  });

  it('nowhere, and no call waits, when nobody answers there', async () => {
    app = await startTestApp({
      KEYWARD_AUDIT_SYSLOG: 'tcp://127.0.0.1:1',
      KEYWARD_AUDIT_WEBHOOK: 'http://127.0.0.1:1/',
    });
    const startedAt = performance.now();
    await change();
    expect(performance.now() - startedAt).toBeLessThan(2500);
  });

  it('but wait, counted, for a receiver that hangs', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const KEYWARD_AUDIT_WEBHOOK = `http://127.0.0.1:${portOf(server)}/`;
    app = await startTestApp({ KEYWARD_METRICS_PORT: '0', KEYWARD_AUDIT_WEBHOOK });
    const before = await waitingFor(app);
    await change();
    await change();
    expect((await waitingFor(app)) - before).toBeGreaterThanOrEqual(2);
    server.close();
  });
});
