import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { csvLine, type CsvValue, formulaCharacters } from '#libs/http';
import { customRole, organization } from '../support/tenants.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { callsOfYears, pastCalls } from '../support/usage-rows.js';
import { RawConnection } from '../support/raw-connection.js';

const JANUARY = 'from=2026-01-01&to=2026-02-01';
const MANY = 20_000;

describe('the export of usage', () => {
  let app: TestApp;
  let ada: TestUser;

  const file = async (query: string, key = app.adminKey): Promise<Answer> =>
    app.get(`/admin/analytics/export?${query}`, { key });
  const lines = async (query: string, key?: string): Promise<any[]> =>
    (await file(`format=jsonl&${query}`, key)).text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  beforeAll(async () => {
    app = await startTestApp(callsOfYears);
    ada = await app.user();
    await pastCalls(app, [
      {
        at: '2026-01-05T10:00:00.000001Z',
        by: ada,
        ms: 1.5,
        bytes: 512,
        requestId: 'request-1',
        userAgent: '=HYPERLINK("x")',
      },
      { at: '2026-01-05T10:00:00.000001Z', by: ada, requestId: 'request-2', status: 404, userAgent: 'say "hi", ü' },
      { at: '2026-01-20T10:00:00Z', requestId: 'request-3', route: null, status: 401 },
    ]);
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, status_code, route_id, request_id)
       select timestamptz '2025-06-01Z' + n * interval '40 ms', n, 200, usage_route_id('GET', '/bulk'), 'bulk-' || n
       from generate_series(1, $1::int) n`,
      [MANY],
    );
  });
  afterAll(() => app.close());

  it('has every column of every call, oldest first, as CSV that a spreadsheet does not run', async () => {
    const csv = await file(JANUARY);
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"');
    const [heading, first, second, third, ...rest] = csv.text.split('\r\n');
    expect(heading).toBe(
      'position,occurredAt,method,route,statusCode,durationMs,responseBytes,organizationId,userId,keyId,environment,address,userAgent,requestId,problemCode',
    );
    const at = '2026-01-05T10:00:00.000001Z';
    const who = `00000000-0000-7000-8000-000000000000,${ada.id},${ada.keyId},live`;
    expect(first).toBe(`${at} request-1,${at},GET,/api/v1/profile,200,1.5,512,${who},,"'=HYPERLINK(""x"")",request-1,`);
    expect(second).toContain(',404,1,0,');
    expect(second).toContain('"say ""hi"", ü",request-2,');
    expect(third).toBe(
      '2026-01-20T10:00:00.000000Z request-3,2026-01-20T10:00:00.000000Z,GET,,401,1,0,00000000-0000-7000-8000-000000000000,,,,,,request-3,',
    );
    expect(rest).toEqual(['']);
  });

  it('has the same as JSON lines', async () => {
    const [first, ...rest] = await lines(JANUARY);
    expect(first).toMatchObject({
      requestId: 'request-1',
      durationMs: 1.5,
      responseBytes: 512,
      userAgent: '=HYPERLINK("x")',
      keyId: ada.keyId,
    });
    expect(rest.map(({ requestId }) => requestId)).toEqual(['request-2', 'request-3']);
  });

  it('writes whatever a call contains as any other file of this server would', async () => {
    const hostile = fc
      .sample(fc.string({ unit: 'binary', maxLength: 30 }), 300)
      .map((text) => text.replaceAll('\0', ' '));
    const agents = [
      ...hostile,
      ...formulaCharacters.flatMap((first) => [first, `${first}"1,\r\n`]),
      '',
      ' ',
      '"',
      '\\.',
      '\u2028',
    ];
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, route_id, status_code, user_agent, request_id)
       select '2026-03-01T00:00:00Z', 7 * n * n, usage_route_id('GET', null), 200, agent, to_char(n, 'FM0000')
       from unnest($1::text[]) with ordinality agents (agent, n)`,
      [agents],
    );
    const rows = await lines('from=2026-03-01&to=2026-03-02');
    expect(rows.map(({ userAgent }) => userAgent)).toEqual(agents);
    expect(rows.map(({ durationMs }) => durationMs)).toEqual(agents.map((_, n) => (7 * (n + 1) ** 2) / 1000));
    const csv = (await file('format=csv&from=2026-03-01&to=2026-03-02')).text;
    expect(csv).toBe(
      [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))]
        .map((row) => csvLine(row as CsvValue[]))
        .join(''),
    );
  });

  it('has all of many, once and in order, and goes on where it was cut off', async () => {
    const all = await lines('from=2025-01-01&to=2026-01-01');
    expect(all.map(({ requestId }) => requestId)).toEqual(Array.from({ length: MANY }, (_, n) => `bulk-${n + 1}`));
    for (const n of [0, 1999, MANY - 1]) {
      const rest = await lines(`from=2025-01-01&to=2026-01-01&after=${encodeURIComponent(all[n].position)}`);
      expect([rest.length, rest[0]?.requestId]).toEqual([MANY - 1 - n, all[n + 1]?.requestId]);
    }
  });

  it('narrows like every question', async () => {
    expect((await lines(`${JANUARY}&status=4xx`)).map(({ requestId }) => requestId)).toEqual([
      'request-2',
      'request-3',
    ]);
    expect(await lines(`${JANUARY}&keyId=${ada.keyId}&status=200`)).toHaveLength(1);
    expect(await lines(`${JANUARY}&environment=staging`)).toEqual([]);
    expect(await lines('from=1600-01-01&to=2025-01-01')).toEqual([]);
  });

  it('is that of one’s own organization alone, and needs its own permission', async () => {
    await customRole(app, 'exporter', ['analytics:export']);
    await customRole(app, 'analyst', ['analytics:read']);
    const elsewhere = await organization(app, 'elsewhere');
    const exporter = await app.user({ roles: ['exporter'], organizationId: elsewhere });
    const analyst = await app.user({ roles: ['analyst'] });
    expect(await lines(JANUARY, exporter.key)).toEqual([]);
    expect(await lines(`${JANUARY}&organizationId=00000000-0000-7000-8000-000000000000`, exporter.key)).toEqual([]);
    const refused = await file(JANUARY, analyst.key);
    expect([refused.status, refused.body.missing]).toEqual([403, ['analytics:export']]);
  });

  it.each([
    'format=xml',
    'after=x',
    `after=${encodeURIComponent('2026-13-01T00:00:00.000000Z a')}`,
    'step=day',
    `after=${encodeURIComponent('2026-02-30T00:00:00.000000Z a')}`,
  ])('refuses ?%s with 400', async (query) => expect((await file(query)).status).toBe(400));

  it('stops asking the database when its reader goes away, and is recorded once', async () => {
    const connection = await RawConnection.to(Number(new URL(app.url).port));
    connection.get(
      '/api/v1/admin/analytics/export?from=2025-01-01&to=2026-01-01&format=jsonl',
      `X-API-Key: ${app.adminKey}\r\nX-Request-Id: gone-reader\r\n`,
    );
    await connection.receives(/bulk-1"/);
    connection.abort();
    const rows = async (): Promise<object[]> =>
      app.sql(`select status_code from api_usage where request_id = 'gone-reader'`);
    for (let waited = 0; waited < 100 && (await rows()).length === 0; waited++) await delay(20);
    expect(await rows()).toEqual([{ status_code: 200 }]);
  });
});
