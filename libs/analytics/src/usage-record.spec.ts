import fc from 'fast-check';
import { copyRow, type UsageRecord, usageColumns } from './usage-record.js';

const call: UsageRecord = {
  occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 7),
  durationMs: 1.2345,
  statusCode: 200,
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

describe('a row for COPY', () => {
  it('has a field for each column, NULL as \\N, the time in UTC and the duration in microseconds', () => {
    expect(copyRow(call)).toBe(
      '2026-01-31T12:00:00.007Z\t1235\t200\tGET\t/api/v1/profile\t\\N\t\\N\t\\N\t::1\t\\N\trequest-1\t\\N\t\\N\n',
    );
    expect(copyRow(call).split('\t')).toHaveLength(usageColumns.split(',').length);
  });

  it('is one row of as many fields, whatever a user agent contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (userAgent) => {
        const row = copyRow({ ...call, userAgent });
        expect(row.indexOf('\n')).toBe(row.length - 1);
        expect(row.split('\t')).toHaveLength(usageColumns.split(',').length);
        expect(row).not.toMatch(/[\0\r\b\f\v]/);
      }),
    );
  });

  it('keeps 256 characters of a user agent, and a duration within what the column holds', () => {
    expect(copyRow({ ...call, userAgent: 'x'.repeat(1000) }).split('\t')[9]).toBe('x'.repeat(256));
    expect(copyRow({ ...call, durationMs: 1e12 }).split('\t')[1]).toBe('2147483647');
  });
});
