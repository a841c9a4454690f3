import { validateSync } from 'class-validator';
import { IsTime } from './is-time.decorator.js';

class Dated {
  @IsTime()
  at: unknown;
}
class DatedInZone {
  @IsTime({ inZone: true })
  at: unknown;
}
const isTime = (at: unknown): boolean => validateSync(Object.assign(new Dated(), { at })).length === 0;

describe('IsTime', () => {
  it.each([
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00.123456789Z',
    '2026-01-31T12:00:00+05:30',
    '2026-01-31T12:00Z',
    '2026-01-31',
    '2024-02-29',
    '2026-01-31t12:00:00z',
    '2026-01-31T12:00:00+23:59',
    '0001-01-01',
    '9999-12-31T23:59:59Z',
  ])('takes %s', (value) => expect(isTime(value)).toBe(true));
  it.each([
    '',
    'x',
    '2026-01-31T12:00:00',
    '2026-W01',
    '2026-031',
    '2026-02-29',
    '2026-13-01',
    '2026-01-01T25:00:00Z',
    '+002026-01-01',
    '0000-12-31',
    '2026-01-31T24:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '20260131',
    ' 2026-01-31',
    0,
    null,
    ['2026-01-31'],
    new Date(),
  ])('refuses %j', (value) => expect(isTime(value)).toBe(false));
});

describe('IsTime in a zone', () => {
  const isTimeInZone = (at: unknown): boolean => validateSync(Object.assign(new DatedInZone(), { at })).length === 0;
  it.each(['2026-01-31T12:00:00', '2026-01-31T12:00', '2026-01-31T12:00:00.5', '2026-01-31T12:00:00Z', '2026-01-31'])(
    'takes %s',
    (value) => expect(isTimeInZone(value)).toBe(true),
  );
  it.each(['', '2026-02-29T00:00:00', '2026-01-31T25:00', '2026-01-31T', '2026-W01T00:00'])('refuses %j', (value) =>
    expect(isTimeInZone(value)).toBe(false),
  );
});
