import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { parseAnswers, RawConnection } from '../../../../test/support/raw-connection.js';
import { type ServedAdapter, serveAdapter } from '../../../../test/support/served-adapter.js';
import { beginAnswer } from './begin-answer.js';
import type { AnswerOutcome, HttpServerHooks } from './http-server.hooks.js';

type Told = `${string} ${number} ${AnswerOutcome}`;

describe('The answers of the HTTP server', () => {
  let served: ServedAdapter;
  let told: Told[];
  let ownPrototypes: boolean[];
  let hooks: HttpServerHooks;
  /** Resolves once as many answers were told of. */
  let toldOf: (count: number) => Promise<void>;

  function aGate() {
    let resolve: () => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const promise = new Promise<void>((yes, no) => ([resolve, reject] = [yes, no]));
    return { promise, resolve, reject };
  }

  beforeEach(async () => {
    told = [];
    ownPrototypes = [];
    const waiting: { count: number; go: () => void }[] = [];
    toldOf = (count) => (told.length >= count ? Promise.resolve() : new Promise((go) => waiting.push({ count, go })));
    hooks = {};
    const recorder: HttpServerHooks = {
      onAnswer: (req, res, outcome) => {
        told.push(`${req.url ?? ''} ${res.statusCode} ${outcome}`);
        for (const { count, go } of waiting) if (told.length >= count) go();
        return hooks.onAnswer?.(req, res, outcome);
      },
      onAnswerFailed: (error, req, res) => hooks.onAnswerFailed?.(error, req, res),
    };
    served = await serveAdapter(
      (app) => {
        app.get('/json', (_req, res) => void res.json({ ok: true }));
        app.get('/twice', (_req, res) => {
          res.end('first');
          res.end();
        });
        app.get('/answers-again', (_req, res) => {
          res.end('first');
          if (!res.headersSent && !res.writableEnded) res.end('second');
          res.write('late');
        });
        app.get('/late', (_req, res) => void setImmediate(() => res.end('late')));
        app.get('/stream', (_req, res) => void res.write('data: 1\n\n'));
        app.get('/stream-ends', (_req, res) => {
          res.write('part');
          setImmediate(() => res.end());
        });
        app.get('/begins', (_req, res) => {
          beginAnswer(res).then(
            () => void res.write('data: 1\n\n'),
            () => void res.status(503).end('not recorded'),
          );
        });
        app.get('/begins-and-ends', (_req, res) => {
          void beginAnswer(res).then(() => {
            res.write('part');
            setImmediate(() => res.end());
          });
        });
        app.get('/never', () => undefined);
        app.get('/prototypes', (req, res) => {
          const isOwn = Object.getPrototypeOf(req) === app.request && Object.getPrototypeOf(res) === app.response;
          ownPrototypes.push(isOwn && req.app === app && res.app === app);
          res.status(204).end();
        });
        app.get('/length', (_req, res) => void res.set('Content-Length', '5').set('X-Secret', 'yes').end('12345'));
        app.post('/echo', (req, res) => {
          let body = '';
          req.on('data', (chunk: Buffer) => (body += chunk.toString()));
          req.on('end', () => res.end(body));
        });
      },
      { hooks: recorder, limits: { abandonedAfterMs: 50 }, drain: { idleGraceMs: 0 } },
    );
  });

  afterEach(() => served.adapter.close());

  it('are made by node:http with the prototypes of Express', async () => {
    await fetch(`http://127.0.0.1:${served.port}/prototypes`);
    expect(ownPrototypes).toEqual([true]);
  });

  it('are told of once each, whether from a route, without a route, without a body or ended twice', async () => {
    const base = `http://127.0.0.1:${served.port}`;
    await fetch(`${base}/json`);
    await fetch(`${base}/nothing-here`);
    await fetch(`${base}/json`, { method: 'HEAD' });
    await fetch(`${base}/twice`);
    await (await fetch(`${base}/stream-ends`)).text();
    expect(told).toEqual([
      '/json 200 answered',
      '/nothing-here 404 answered',
      '/json 200 answered',
      '/twice 200 answered',
      '/stream-ends 200 answered',
    ]);
  });

  it('keep the order of pipelined requests, although a later one was ready first', async () => {
    const client = await RawConnection.to(served.port);
    client.get('/late').get('/json').get('/late', 'Connection: close\r\n');
    const answers = parseAnswers(await client.closes());
    expect(answers.map(({ body }) => body)).toEqual(['late', '{"ok":true}', 'late']);
    expect(told).toEqual(['/json 200 answered', '/late 200 answered', '/late 200 answered']);
  });

  it('send 100 Continue and read the body that follows', async () => {
    const client = await RawConnection.to(served.port);
    client.send(
      'POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    );
    await client.receives(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    expect(await client.send('body').closes()).toMatch(/200 OK[^]*body$/);
  });

  it('answer a request for an upgrade nobody offers like any other', async () => {
    const client = await RawConnection.to(served.port);
    client.get('/json', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
    await client.receives(/200 OK[^]*"ok":true/);
    client.abort();
  });

  describe('while onAnswer is pending', () => {
    it('are held back, look sent to the application and go out once it resolves', async () => {
      const gate = aGate();
      hooks.onAnswer = () => gate.promise;
      const client = await RawConnection.to(served.port);
      client.get('/answers-again', 'Connection: close\r\n');
      await toldOf(1);
      await new Promise(setImmediate);
      expect(client.received).toBe('');
      gate.resolve();
      expect(parseAnswers(await client.closes()).map(({ body }) => body)).toEqual(['first']);
      expect(told).toEqual(['/answers-again 200 answered']);
    });

    it('are told of once when the client goes away meanwhile', async () => {
      const gate = aGate();
      hooks.onAnswer = () => gate.promise;
      const client = await RawConnection.to(served.port);
      client.get('/json');
      await toldOf(1);
      client.abort();
      await client.closes();
      gate.resolve();
      await served.adapter.close();
      expect(told).toEqual(['/json 200 answered']);
    });

    it('are waited for by close', async () => {
      const gate = aGate();
      hooks.onAnswer = () => gate.promise;
      const answer = fetch(`http://127.0.0.1:${served.port}/json`);
      await toldOf(1);
      const closed = served.adapter.close();
      gate.resolve();
      expect(await (await answer).json()).toEqual({ ok: true });
      await closed;
    });
  });

  describe('whose onAnswer fails', () => {
    const unavailable: HttpServerHooks['onAnswerFailed'] = (_error, _req, res) => {
      res.statusCode = 503;
      res.setHeader('Content-Type', 'application/problem+json').end('{"status":503}');
    };

    it.each([
      ['rejects', () => Promise.reject(new Error('no database'))],
      [
        'throws',
        () => {
          throw new Error('a bug');
        },
      ],
    ])('are replaced, headers included, when it %s, and are not told of again', async (_how, onAnswer) => {
      Object.assign(hooks, { onAnswer, onAnswerFailed: unavailable });
      const answer = await fetch(`http://127.0.0.1:${served.port}/length`);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('x-secret')).toBeNull();
      expect(await answer.text()).toBe('{"status":503}');
      expect(told).toEqual(['/length 200 answered']);
    });

    it.each([
      ['is missing', undefined],
      [
        'throws too',
        () => {
          throw new Error('another bug');
        },
      ],
      ['writes nothing', () => undefined],
    ])('are an empty 500 when onAnswerFailed %s', async (_how, onAnswerFailed) => {
      Object.assign(hooks, { onAnswer: () => Promise.reject(new Error('no database')), onAnswerFailed });
      const answer = await fetch(`http://127.0.0.1:${served.port}/json`);
      expect([answer.status, await answer.text()]).toEqual([500, '']);
    });

    it('are cut when they had begun, so that nobody takes a part for the whole', async () => {
      hooks.onAnswer = () => Promise.reject(new Error('no database'));
      const client = await RawConnection.to(served.port);
      const text = await client.get('/stream-ends').closes();
      expect(text).toContain('part');
      expect(text).not.toContain('\r\n0\r\n');
    });
  });

  describe('of a client that goes away', () => {
    it('are told of as aborted at once when they are streams', async () => {
      const client = await RawConnection.to(served.port);
      await client.get('/stream').receives(/data: 1/);
      client.abort();
      await toldOf(1);
      expect(told).toEqual(['/stream 200 aborted']);
    });

    it('are told of as aborted when nobody ever ends them', async () => {
      const client = await RawConnection.to(served.port);
      client.get('/never').get('/never');
      await new Promise((resolve) => setTimeout(resolve, 20));
      client.abort();
      await toldOf(2);
      expect(told).toEqual(['/never 200 aborted', '/never 200 aborted']);
    });
  });

  describe('that go on without an end', () => {
    it('are told of before their first byte, and not again when they end or when the client goes away', async () => {
      const gate = aGate();
      hooks = { onAnswer: () => gate.promise };
      const client = await RawConnection.to(served.port);
      client.get('/begins');
      await toldOf(1);
      expect(client.received).toBe('');
      gate.resolve();
      await client.receives(/data: 1/);
      client.abort();
      hooks = {};
      const whole = await fetch(`http://127.0.0.1:${served.port}/begins-and-ends`);
      expect(await whole.text()).toBe('part');
      expect(told).toEqual(['/begins 200 answered', '/begins-and-ends 200 answered']);
    });

    it('may still be refused when they could not be accounted for, and are not told of again', async () => {
      hooks = { onAnswer: () => Promise.reject(new Error('no record')) };
      const refused = await fetch(`http://127.0.0.1:${served.port}/begins`);
      expect([refused.status, await refused.text()]).toEqual([503, 'not recorded']);
      expect(told).toEqual(['/begins 200 answered']);
    });
  });

  it('leave no request of a busy keep-alive client without its own answer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const ask = async (at: number): Promise<string> => {
      const sent = request({ port: served.port, path: '/echo', method: 'POST', agent }).end(String(at));
      const [answer] = await once(sent, 'response');
      let body = '';
      for await (const chunk of answer) body += String(chunk);
      return body;
    };
    const bodies = await Promise.all(Array.from({ length: 200 }, (_none, at) => ask(at)));
    expect(bodies).toEqual(Array.from({ length: 200 }, (_none, at) => String(at)));
    agent.destroy();
  });
});
