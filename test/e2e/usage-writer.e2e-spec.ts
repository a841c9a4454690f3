import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { UsageBatch } from '../../libs/analytics/src/usage-batch.js';
import { UsageWriter } from '../../libs/analytics/src/usage.writer.js';
import type { UsageRecord } from '../../libs/analytics/src/usage-record.js';
import { createEmptyDatabase, createTestDatabase, dropTestDatabase } from '../support/test-database.js';

const LONGEST = 2_147_483_647;
const text = fc.string({ unit: 'binary', maxLength: 40 });
const record: fc.Arbitrary<UsageRecord> = fc.record({
  occurredAt: fc.integer({ min: Date.UTC(1999), max: Date.UTC(2100) }),
  durationMs: fc.integer({ min: 0, max: LONGEST }).map((us) => us / 1000),
  statusCode: fc.integer({ min: 100, max: 599 }),
  responseBytes: fc.integer({ min: 0, max: LONGEST }),
  method: fc.constantFrom('GET', 'POST'),
  route: fc.option(fc.constantFrom('/api/v1/profile', '/api/v1/orders/:id')),
  apiKeyId: fc.option(fc.uuid()),
  userId: fc.option(fc.uuid()),
  organizationId: fc.option(fc.uuid()),
  address: fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::7', 'fe80::ffff:0:1')),
  userAgent: fc.option(text),
  requestId: fc.constant('').map(() => randomUUID()),
  problemCode: fc.option(text),
  refusal: fc.option(text),
});

describe('the writer of usage', () => {
  it('stores what it was given, whatever it is, and the sums of it', async () => {
    const url = await createTestDatabase();
    const writer = new UsageWriter(url);
    const client = new pg.Client(url);
    await client.connect();
    const stored = (value: string | null): string | undefined => value?.replaceAll('\0', ' ').toWellFormed();
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 30 }), async (records) => {
        const batch = new UsageBatch(false);
        for (const call of records) batch.add(call);
        await writer.write(batch);
        const { rows } = await client.query(
          `select c.*, host(address) as host, r.method, r.route from api_usage c join usage_routes r on r.id = route_id
           where request_id = any ($1)`,
          [records.map(({ requestId }) => requestId)],
        );
        const kept = new Map(rows.map((row) => [row.request_id, row]));
        for (const { occurredAt, durationMs, address, userAgent, problemCode, refusal, ...call } of records) {
          const row = kept.get(call.requestId);
          expect([row.occurred_at.getTime(), row.duration_us]).toEqual([occurredAt, Math.round(durationMs * 1000)]);
          expect([row.status_code, row.response_bytes, row.host]).toEqual([
            call.statusCode,
            call.responseBytes,
            address,
          ]);
          expect([row.method, row.route]).toEqual([call.method, call.route]);
          expect([row.api_key_id, row.user_id, row.organization_id]).toEqual([
            call.apiKeyId,
            call.userId,
            call.organizationId,
          ]);
          const texts = [row.user_agent, row.problem_code, row.refusal].map((value) => value ?? undefined);
          expect(texts).toEqual([stored(userAgent), stored(problemCode), stored(refusal)]);
        }
      }),
      { numRuns: 50 },
    );
    expect((await client.query('select * from usage_differences() limit 5')).rows).toEqual([]);
    await writer.close();
    await client.end();
    await dropTestDatabase(url);
  });

  it('leaves no connection behind when it cannot begin, however often it tries', async () => {
    const url = await createEmptyDatabase();
    const writer = new UsageWriter(url);
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(writer.write(new UsageBatch(false))).rejects.toThrow('usage_routes');
    const client = new pg.Client(url);
    await client.connect();
    const open = await client.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'keyward usage'`,
    );
    await client.end();
    await dropTestDatabase(url);
    expect(open.rowCount).toBeLessThan(2); // the last may be on its way out
  });
});
