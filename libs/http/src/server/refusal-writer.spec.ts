import { parseAnswers, RawConnection } from '../../../../test/support/raw-connection.js';
import { type ServedAdapter, serveAdapter } from '../../../../test/support/served-adapter.js';
import type { HttpServerHooks } from './http-server.hooks.js';

describe('What the HTTP server refuses by itself', () => {
  let served: ServedAdapter;
  let told: string[];
  let refusals: string[];

  beforeAll(async () => {
    const hooks: HttpServerHooks = {
      renderRefusal: ({ code, status, detail }) => ({
        status,
        headers: { 'Content-Type': 'application/problem+json; charset=utf-8' },
        body: JSON.stringify({ code, status, detail }),
      }),
      onAnswer: (req, res) => void told.push(`${req.method ?? ''} ${req.url ?? ''} ${res.statusCode}`),
      onRefused: ({ code }, address) => void refusals.push(`${code} ${address ?? ''}`),
    };
    served = await serveAdapter(
      (app) => {
        app.get('/slow', (_req, res) => void setTimeout(() => res.send('slow'), 20));
        app.get('/never', () => undefined);
        app.get('/ok', (_req, res) => void res.send('ok'));
        app.post('/echo', (req, res) => {
          let body = '';
          req.on('data', (chunk: Buffer) => (body += chunk.toString()));
          req.on('end', () => res.send(body));
        });
      },
      {
        hooks,
        limits: { headersTimeoutMs: 150, requestTimeoutMs: 300, checkEveryMs: 20, lingerMs: 100 },
        drain: { idleGraceMs: 0 },
      },
    );
  });
  beforeEach(() => {
    told = [];
    refusals = [];
  });
  afterAll(() => served.adapter.close());

  async function answersTo(bytes: string) {
    const client = await RawConnection.to(served.port);
    return parseAnswers(await client.send(bytes).closes());
  }

  const chunked = 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

  it.each([
    ['bytes that are no request', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'request.malformed'],
    [
      'two lengths',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'request.malformed',
    ],
    ['a header name with a space', 'GET /ok HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n', 400, 'request.malformed'],
    [
      'more than 16 KiB of headers',
      `GET /ok HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
    ['a broken chunk', `${chunked}zz\r\n`, 400, 'request.malformed'],
    ['huge chunk extensions', `${chunked}1;a=${'x'.repeat(20_000)}\r\n`, 413, 'request.payload_too_large'],
    ['no Host', 'GET /ok HTTP/1.1\r\n\r\n', 400, 'request.invalid_host'],
    ['two Hosts', 'GET /ok HTTP/1.1\r\nHost: a\r\nhOsT: b\r\n\r\n', 400, 'request.invalid_host'],
    ['a Host that is none', 'GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n', 400, 'request.invalid_host'],
    [
      'an unknown expectation',
      'GET /ok HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n',
      417,
      'request.expectation_failed',
    ],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405, 'request.method_not_allowed'],
    ['headers that never end', 'GET /ok HTTP/1.1\r\nHost: a\r\n', 408, 'request.timeout'],
    [
      'a body that never ends',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc',
      408,
      'request.timeout',
    ],
    ['silence', '', 408, 'request.timeout'],
  ])('answers %s with a problem and closes the connection', async (_what, bytes, status, code) => {
    const answers = await answersTo(bytes);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.status).toBe(status);
    expect(answers[0]?.headers).toMatchObject({
      connection: 'close',
      'content-type': 'application/problem+json; charset=utf-8',
    });
    expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ code, status });
    expect(refusals).toEqual([`${code} 127.0.0.1`]);
  });

  it('tells onAnswer of a refusal that had a request', async () => {
    await answersTo('GET /ok HTTP/1.1\r\n\r\n');
    await answersTo(`${chunked}zz\r\n`);
    expect(told).toEqual(['GET /ok 400', 'POST /echo 400']);
  });

  it('answers CONNECT behind the request before it, to a client that talks on', async () => {
    const client = await RawConnection.to(served.port);
    client.get('/slow').send('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n').send('more');
    expect(parseAnswers(await client.closes()).map(({ status }) => status)).toEqual([200, 405]);
  });

  it.each(['nonsense\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /ok HT'])(
    'closes when the client does, although a request before %j is never answered',
    async (bytes) => {
      const client = await RawConnection.to(served.port);
      client.get('/never').send(bytes);
      client.socket.end();
      await client.closes();
      expect(client.received).toBe('');
    },
  );

  it('survives a client that resets after CONNECT', async () => {
    const client = await RawConnection.to(served.port);
    client.send('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    await client.receives(/405/);
    client.abort();
    await client.closes();
  });

  it('answers the requests before a broken one first', async () => {
    const answers = await answersTo(
      'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n',
    );
    expect(answers.map(({ status, body }) => [status, body.slice(0, 4)])).toEqual([
      [200, 'slow'],
      [200, 'ok'],
      [400, '{"co'],
    ]);
  });

  it('answers a request behind a slow one before it refuses its broken body', async () => {
    const answers = await answersTo(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${chunked}zz\r\n`);
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  });

  it('lets a client that sends far too much read the answer', async () => {
    const client = await RawConnection.to(served.port);
    client.send(`GET /ok HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2_000_000)}\r\n\r\n`);
    expect(await client.receives(/431/)).toContain('request.headers_too_large');
    client.abort();
  });

  it('accepts HTTP/1.0 without Host and an IPv6 Host with a port', async () => {
    expect((await answersTo('GET /ok HTTP/1.0\r\n\r\n'))[0]?.status).toBe(200);
    expect((await answersTo('GET /ok HTTP/1.1\r\nHost: [::1]:3000\r\nConnection: close\r\n\r\n'))[0]?.status).toBe(200);
  });

  it('keeps serving after all of that', async () => {
    expect(await (await fetch(`http://127.0.0.1:${served.port}/ok`)).text()).toBe('ok');
  });
});
