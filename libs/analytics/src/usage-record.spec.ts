import fc from 'fast-check';
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

const row = (record: UsageRecord): string => callColumns(record, durationUs(record.durationMs));

describe('what of a call is its own, as a row for COPY', () => {
  it('has a field for each column, NULL as \\N, the time in UTC and the duration in microseconds', () => {
    expect(row(call)).toBe('2026-01-31T12:00:00.007Z\t1235\t2147483647\t::1\t\\N\trequest-1\t\\N\t\\N\n');
    expect(row(call).split('\t')).toHaveLength(callColumnNames.split(',').length);
  });

  it('is one row of as many fields, whatever a user agent, a code and a reason contain', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(anything, anything, anything, (userAgent, problemCode, refusal) => {
        const text = row({ ...call, userAgent, problemCode, refusal });
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(text.split('\t')).toHaveLength(callColumnNames.split(',').length);
        expect(text).not.toMatch(/[\0\r\b\f\v]/);
      }),
    );
  });

  it('escapes the reason of a plug-in', () => {
    const hostile = { problemCode: 'a\tb', refusal: '\\N\r\n\\.' };
    expect(
      row({ ...call, ...hostile })
        .split('\t')
        .slice(6),
    ).toEqual(['a\\tb', '\\\\N\\r\\n\\\\.\n']);
  });

  it('keeps 256 characters of a user agent, and a duration within what the column holds', () => {
    expect(row({ ...call, userAgent: 'x'.repeat(1000) }).split('\t')[4]).toBe('x'.repeat(256));
    expect(row({ ...call, durationMs: 1e12 }).split('\t')[1]).toBe('2147483647');
  });

  it('is the same for the same user agent sent again, after thousands of others', () => {
    const first = row({ ...call, userAgent: 'a\tb' });
    for (let other = 0; other < 3000; other++) row({ ...call, userAgent: `agent ${other}` });
    expect(row({ ...call, userAgent: 'a\tb' })).toBe(first);
  });
});
