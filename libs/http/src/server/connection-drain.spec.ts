import type { Response } from 'express';
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { RawConnection } from '../../../../test/support/raw-connection.js';
import { type ServedAdapter, serveAdapter } from '../../../../test/support/served-adapter.js';
import type { DrainTimes } from './http-server.options.js';

describe('A draining HTTP server', () => {
  let arrived: string[];
  let told: string[];
  let proceed: () => void;

  async function serve(drain: Partial<DrainTimes> = {}): Promise<ServedAdapter> {
    arrived = [];
    told = [];
    const gate = new Promise<void>((resolve) => (proceed = resolve));
    return serveAdapter(
      (app) => {
        app.get('/ok', (_req, res) => void res.send('ok'));
        app.get('/gated', (_req, res) => {
          arrived.push('/gated');
          void gate.then(() => res.send('ok'));
        });
        app.get('/never', (_req, res) => void res.write('begun'));
      },
      {
        drain: { idleGraceMs: 0, ...drain },
        hooks: { onAnswer: (req, _res, outcome) => void told.push(`${req.url ?? ''} ${outcome}`) },
      },
    );
  }

  it('closes at once when nobody is connected', async () => {
    const { adapter } = await serve({ idleGraceMs: 60_000 });
    await adapter.close();
    expect(adapter.getHttpServer().listening).toBe(false);
  });

  it('says Connection: close on answers to requests before and after the drain began', async () => {
    const { adapter, port } = await serve();
    const before = await RawConnection.to(port);
    const after = await RawConnection.to(port);
    await after.get('/ok').receives(/Connection: keep-alive[^]*ok$/);
    before.get('/gated');
    while (arrived.length === 0) await new Promise(setImmediate);
    adapter.beginDrain();
    expect(adapter.isDraining).toBe(true);
    proceed();
    expect(await before.closes()).toMatch(/Connection: close[^]*ok$/);
    expect(await after.get('/ok').closes()).toMatch(/Connection: close[^]*ok$/);
    await adapter.close();
  });

  it('answers what is under way before close resolves', async () => {
    const { adapter, port } = await serve();
    const client = await RawConnection.to(port);
    client.get('/gated');
    while (arrived.length === 0) await new Promise(setImmediate);
    const closed = adapter.close().then(() => told.push('closed'));
    proceed();
    expect(await client.closes()).toMatch(/ok$/);
    await closed;
    expect(told).toEqual(['/gated answered', 'closed']);
  });

  it('cuts what is unanswered at the deadline, and tells of it', async () => {
    const { adapter, port } = await serve({ deadlineMs: 100 });
    const client = await RawConnection.to(port);
    await client.get('/never').receives(/begun/);
    await adapter.close();
    expect(told).toEqual(['/never aborted']);
  });

  it('ends the streams whose owner listens for the drain', async () => {
    const { adapter, port } = await serve({ deadlineMs: 60_000 });
    const streams: Response[] = [];
    adapter.getInstance().get('/events', (_req: unknown, res: Response) => {
      streams.push(res);
      res.write('begun');
    });
    adapter.useHooks({ onDrain: () => streams.forEach((stream) => stream.end('ended')) });
    const client = await RawConnection.to(port);
    await client.get('/events').receives(/begun/);
    await adapter.close();
    expect(await client.closes()).toMatch(/ended/);
  });

  it('closes connections that never sent anything', async () => {
    const { adapter, port } = await serve({ deadlineMs: 60_000 });
    const client = await RawConnection.to(port);
    await adapter.close();
    expect(await client.closes()).toBe('');
  });

  it('accepts new connections for keepListeningMs', async () => {
    const { adapter, port } = await serve({ keepListeningMs: 100 });
    const closed = adapter.close();
    const client = await RawConnection.to(port);
    expect(await client.get('/ok').closes()).toMatch(/Connection: close/);
    await closed;
  });

  it('fails no request of busy keep-alive clients', async () => {
    const { adapter, port } = await serve({ keepListeningMs: 20, idleGraceMs: 300 });
    let answered = 0;
    // Each asks on one connection, with pauses, until it is told to close it, as a load balancer would.
    const ask = async (agent: Agent): Promise<boolean> => {
      const sent = request({ port, path: '/ok', agent }).end();
      const [answer] = await once(sent, 'response');
      answer.resume();
      await once(answer, 'end');
      answered += 1;
      return answer.headers.connection !== 'close';
    };
    const clients = Array.from({ length: 20 }, async (_none, at) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (await ask(agent)) await delay(at * 2);
      agent.destroy();
    });
    while (answered < 100) await new Promise(setImmediate);
    await adapter.close();
    await expect(Promise.all(clients)).resolves.toHaveLength(20);
  });
});
