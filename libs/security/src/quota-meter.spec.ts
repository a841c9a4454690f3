import { quotaResetsAt } from './quota-meter.js';

describe('the end of a quota’s period', () => {
  it.each([
    ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2028-02-28T12:00:00.000Z', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ])('after %s is midnight UTC (%s) or the first of the next month (%s)', (now, day, month) => {
    expect(quotaResetsAt({ limit: 1, period: 'day' }, new Date(now))?.toISOString()).toBe(day);
    expect(quotaResetsAt({ limit: 1, period: 'month' }, new Date(now))?.toISOString()).toBe(month);
  });

  it('never comes for one in all', () => {
    expect(quotaResetsAt({ limit: 1, period: 'total' }, new Date())).toBeNull();
  });
});
