import { rowsOf } from '../../../test/support/copy-rows.js';
import { copyCalls, copyGroups, UsageBatch } from './usage-batch.js';
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
    const key = KEY.replaceAll('-', '');
    const said = (fields: readonly (Buffer | null)[]): unknown[] => [
      fields[0]?.readInt32BE(),
      fields[1]?.readInt16BE(),
      fields[2]?.toString('hex'),
      ...fields.slice(3, 5),
    ];
    const calls = rowsOf(batch.callRows(ids));
    expect(calls.map((fields) => [...said(fields), fields[10]?.toString()])).toEqual([
      [19, 200, key, null, null, 'request-1'],
      [19, 200, key, null, null, 'request-2'],
      [19, 404, key, null, null, 'request-1'],
    ]);
    expect(new Set(calls.map(({ length }) => length))).toEqual(new Set([fieldsIn(copyCalls)]));
    const groups = rowsOf(batch.groupRows(ids));
    expect(groups.map(said)).toEqual([
      [19, 200, key, null, null],
      [19, 404, key, null, null],
    ]);
    expect(groups[0]).toHaveLength(fieldsIn(copyGroups));
    expect(groups[0]?.[5]?.readBigInt64BE()).toBe(BigInt(Date.UTC(2026, 0, 31, 12) - Date.UTC(2000)) * 1000n);
    expect(groups[0]?.[6]?.readInt32BE()).toBe(2);
    expect(groups[0]?.slice(7, 9).map((field) => field?.readBigInt64BE())).toEqual([20n, 2000n]);
  });
});

function fieldsIn(statement: string): number {
  return statement.split(',').length;
}
