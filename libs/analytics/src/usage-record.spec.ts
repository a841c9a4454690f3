import fc from 'fast-check';
import { fieldsOf } from '../../../test/support/copy-rows.js';
import { callColumnNames, callColumns, durationUs, type UsageRecord } from './usage-record.js';

const call: UsageRecord = {
  occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 7),
  durationMs: 1.2345,
  statusCode: 200,
  responseBytes: 3_000_000_000,
  method: 'GET',
  route: '/api/v1/profile',
  apiKeyId: null,
  userId: null,
  organizationId: null,
  address: '::1',
  userAgent: null,
  requestId: 'request-1',
  problemCode: null,
  refusal: null,
};

const columns = (record: UsageRecord): (Buffer | null)[] =>
  fieldsOf(callColumns(record, durationUs(record.durationMs)));
const texts = (record: UsageRecord): (string | undefined)[] => columns(record).map((column) => column?.toString());

describe('what of a call is its own, as a row for COPY', () => {
  it('has a field for each column: the time, the duration in microseconds, bytes within what the column holds', () => {
    const row = columns(call);
    expect(row).toHaveLength(callColumnNames.split(',').length);
    expect(row[0]?.readBigInt64BE()).toBe(BigInt(call.occurredAt - Date.UTC(2000)) * 1000n);
    expect(row[1]?.readInt32BE()).toBe(1235);
    expect(row[2]?.readInt32BE()).toBe(2_147_483_647);
    expect(row[3]?.toString('hex')).toBe(`03800010${'0'.repeat(31)}1`);
    expect(texts(call).slice(4)).toEqual([undefined, 'request-1', undefined, undefined]);
  });

  it('is one row of as many fields, whatever a user agent, a code and a reason contain', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(anything, anything, anything, (userAgent, problemCode, refusal) => {
        const row = texts({ ...call, userAgent, problemCode, refusal });
        expect(row).toHaveLength(callColumnNames.split(',').length);
        expect(row.slice(6)).toEqual([problemCode, refusal].map((code) => code.replaceAll('\0', ' ').toWellFormed()));
      }),
    );
  });

  it('keeps 256 characters of a user agent, and a duration within what the column holds', () => {
    expect(texts({ ...call, userAgent: 'x'.repeat(1000) })[4]).toBe('x'.repeat(256));
    expect(columns({ ...call, durationMs: 1e12 })[1]?.readInt32BE()).toBe(2_147_483_647);
  });

  it('is the same for the same user agent sent again, after thousands of others', () => {
    const first = texts({ ...call, userAgent: 'a\tb' });
    for (let other = 0; other < 3000; other++) texts({ ...call, userAgent: `agent ${other}` });
    expect(texts({ ...call, userAgent: 'a\tb' })).toEqual(first);
  });
});
