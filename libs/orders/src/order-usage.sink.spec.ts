import type { UsageRecord } from '#libs/analytics';
import { OrderUsageSink } from './order-usage.sink.js';

const MINUTE = 60_000;
const at = (occurredAt: number, route: string | null = '/api/v1/orders/:id'): UsageRecord => ({
  occurredAt,
  route,
  durationMs: 1,
  statusCode: 200,
  responseBytes: 2,
  method: 'GET',
  apiKeyId: null,
  userId: null,
  organizationId: null,
  address: '192.0.2.1',
  userAgent: null,
  requestId: 'request',
  problemCode: null,
  refusal: null,
});

describe('the usage sink of orders', () => {
  it('counts calls to orders and no others', () => {
    const sink = new OrderUsageSink();
    sink.receive([
      at(100 * MINUTE),
      at(100 * MINUTE + 5, '/api/v1/orders'),
      at(100 * MINUTE, '/api/v1/profile'),
      at(100 * MINUTE, null),
    ]);
    expect(sink.callsInMinuteOf(100 * MINUTE + 59_999)).toBe(2);
  });

  it('keeps the last whole minute, and takes a record of it that comes late', () => {
    const sink = new OrderUsageSink();
    sink.receive([at(100 * MINUTE), at(101 * MINUTE), at(101 * MINUTE - 1)]);
    expect([sink.callsInMinuteBefore(101 * MINUTE), sink.callsInMinuteOf(101 * MINUTE)]).toEqual([2, 1]);
  });

  it('forgets what is older', () => {
    const sink = new OrderUsageSink();
    sink.receive([at(100 * MINUTE), at(103 * MINUTE), at(100 * MINUTE)]);
    expect([sink.callsInMinuteBefore(103 * MINUTE), sink.callsInMinuteOf(103 * MINUTE)]).toEqual([0, 1]);
    expect([sink.callsInMinuteBefore(109 * MINUTE), sink.callsInMinuteOf(109 * MINUTE)]).toEqual([0, 0]);
  });
});
