import { Order } from './order.entity.js';

const order = (): Order =>
  Object.assign(new Order(), {
    items: [
      { sku: 'A', quantity: 3, unitPriceCents: 250 },
      { sku: 'B', quantity: 1, unitPriceCents: 5 },
    ],
    cancelledAt: null,
    cancellationReason: null,
  });

describe('an order', () => {
  it('costs what its items cost together', () => {
    expect(order().totalCents).toBe(755);
  });

  it('is exact for the largest that can be placed', () => {
    const items = Array.from({ length: 100 }, () => ({ sku: 'A', quantity: 10_000, unitPriceCents: 100_000_000 }));
    expect(Number.isSafeInteger(Object.assign(order(), { items }).totalCents + 1)).toBe(true);
  });

  it('is cancelled once, with its reason, and is not open from then on', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    const cancelled = order();
    cancelled.cancel('changed my mind', now);
    expect(cancelled).toMatchObject({ status: 'cancelled', cancelledAt: now, cancellationReason: 'changed my mind' });
    expect(() => cancelled.assertOpen()).toThrow(expect.objectContaining({ code: 'order.not_open' }));
    expect(() => cancelled.cancel(null, now)).toThrow(expect.objectContaining({ code: 'order.not_open' }));
  });
});
