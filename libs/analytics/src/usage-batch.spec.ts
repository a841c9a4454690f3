import { UsageBatch } from './usage-batch.js';
import type { UsageRecord } from './usage-record.js';

const KEY = '0193e5a0-7b1c-7cc3-98c4-dc0c0c07398f';
const call: UsageRecord = {
  occurredAt: Date.UTC(2026, 0, 31, 12, 0, 59, 999),
  durationMs: 1,
  statusCode: 200,
  responseBytes: 10,
  method: 'GET',
  route: '/api/v1/profile',
  apiKeyId: KEY,
  userId: null,
  organizationId: null,
  address: '::1',
  userAgent: null,
  requestId: 'request-1',
  problemCode: null,
  refusal: null,
};
const batchOf = (...records: Partial<UsageRecord>[]): UsageBatch => {
  const batch = new UsageBatch(false);
  for (const record of records) batch.add({ ...call, ...record });
  return batch;
};

describe('a batch of usage records', () => {
  it('adds up calls that differ in nothing but time within the minute, duration and size', () => {
    const { groups } = batchOf({}, { occurredAt: call.occurredAt - 59_999, durationMs: 3, responseBytes: 5 });
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ minute: Date.UTC(2026, 0, 31, 12), calls: 2, bytes: 15, durationUs: 4000 });
    expect(groups[0]?.latency.calls).toBe(2);
  });

  it.each<[string, Partial<UsageRecord>]>([
    ['minute', { occurredAt: call.occurredAt + 1 }],
    ['status', { statusCode: 404 }],
    ['method', { method: 'PATCH' }],
    ['route', { route: null }],
    ['key', { apiKeyId: null }],
    ['user', { userId: KEY }],
    ['organization', { organizationId: KEY }],
  ])('keeps calls of another %s apart', (_, other) => {
    expect(batchOf({}, other, {}, other).groups.map(({ calls }) => calls)).toEqual([2, 2]);
  });

  it('has a row for every call and one for every group, each with the id of its route', () => {
    const batch = batchOf({}, { statusCode: 404 }, { requestId: 'request-2' });
    const ids = (method: string, route: string | null): number => `${method} ${route}`.length;
    expect(batch.callRows(ids).split('\n')).toEqual([
      `19\t200\t${KEY}\t\\N\t\\N\t2026-01-31T12:00:59.999Z\t1000\t10\t::1\t\\N\trequest-1\t\\N\t\\N`,
      `19\t200\t${KEY}\t\\N\t\\N\t2026-01-31T12:00:59.999Z\t1000\t10\t::1\t\\N\trequest-2\t\\N\t\\N`,
      `19\t404\t${KEY}\t\\N\t\\N\t2026-01-31T12:00:59.999Z\t1000\t10\t::1\t\\N\trequest-1\t\\N\t\\N`,
      '',
    ]);
    expect(batch.groupRows(ids).split('\n')[0]).toMatch(
      new RegExp(`^19\t200\t${KEY}\t\\\\N\t\\\\N\t2026-01-31T12:00:00.000Z\t2\t20\t2000\t0*2e\\d+$`),
    );
  });
});
