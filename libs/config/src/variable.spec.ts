import { choice, integer, list, optional, rate, text } from './variable.js';

const about = 'for a test';

describe('a variable', () => {
  it.each([
    ['0', 0],
    ['65535', 65_535],
    ['007', 7],
  ])('of whole numbers reads %s', (raw, value) => {
    expect(integer('PORT', { about, min: 0, max: 65_535 }).parse(raw)).toBe(value);
  });
  it.each(['-1', '65536'])('of whole numbers refuses %j, which it does not reach', (raw) => {
    expect(() => integer('PORT', { about, min: 0, max: 65_535 }).parse(raw)).toThrow('out of range');
  });
  it.each(['1.5', '0x10', '1e3', ' 1', 'one', '٣'])('of whole numbers refuses %j, which is none', (raw) => {
    expect(() => integer('PORT', { about, min: 0, max: 65_535 }).parse(raw)).toThrow('not a whole number');
  });

  it('of choices reads one of them, in its own case', () => {
    const durability = choice('DURABILITY', ['committed', 'buffered'], { about });
    expect(durability.parse('buffered')).toBe('buffered');
    expect(() => durability.parse('Buffered')).toThrow('not one of them');
    expect(durability.allowed).toBe('one of committed, buffered');
  });

  it.each([
    ['a,b', ['a', 'b']],
    [' a , ,b,', ['a', 'b']],
    [',', []],
  ])('of lists reads %j', (raw, entries) => {
    expect(list('LIST', { about }).parse(raw)).toEqual(entries);
  });

  it.each([
    ['600/60', { limit: 600, windowSeconds: 60 }],
    ['1/1', { limit: 1, windowSeconds: 1 }],
    ['off', undefined],
  ])('of rates reads %s', (raw, value) => {
    expect(rate('LIMIT', { about }).parse(raw)).toEqual(value);
  });
  it.each(['', '0/60', '60/0', '60', '-1/60', '1/2/3', '1.5/60', 'OFF', '9999999999/60'])(
    'of rates refuses %j',
    (raw) => {
      expect(() => rate('LIMIT', { about }).parse(raw)).toThrow('not of that form');
    },
  );

  it('takes its default where there is one, checked like any value', () => {
    expect(integer('N', { about, fallback: '5', min: 0, max: 9 }).absent()).toBe(5);
    expect(() => integer('N', { about, fallback: '50', min: 0, max: 9 }).absent()).toThrow('out of range');
  });

  it('is required without a default, unless it is optional', () => {
    expect(() => text('T', { about }).absent()).toThrow('it is required');
    expect(optional(text('T', { about })).absent()).toBeUndefined();
  });

  it('is refused with the words of its own check', () => {
    expect(() =>
      text('T', { about, check: (value) => (value === 'good' ? undefined : 'not good') }).parse('bad'),
    ).toThrow('not good');
  });
});
