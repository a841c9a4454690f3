import { keyExpiry } from './key-expiry.js';

const now = new Date('2026-03-01T12:00:00.000Z');

describe('the expiry of a key', () => {
  it('is never when none is asked for', () => {
    expect(keyExpiry({}, now)).toBeNull();
    expect(keyExpiry({ expiresAt: null }, now)).toBeNull();
  });

  it('is the time that is given, in any zone', () => {
    expect(keyExpiry({ expiresAt: '2026-03-01T15:00:00+02:00' }, now)).toEqual(new Date('2026-03-01T13:00:00Z'));
  });

  it('is so many days of 24 hours from now', () => {
    expect(keyExpiry({ expiresInDays: 31 }, now)).toEqual(new Date('2026-04-01T12:00:00Z'));
  });

  it.each(['2026-03-01T12:00:00.000Z', '2026-03-01T11:59:59Z', '2026-W99', 'never'])('may not be %s', (expiresAt) => {
    expect(() => keyExpiry({ expiresAt }, now)).toThrow('/expiresAt');
  });

  it('may not be given in both ways', () => {
    expect(() => keyExpiry({ expiresAt: '2027-01-01T00:00:00Z', expiresInDays: 1 }, now)).toThrow('/expiresInDays');
  });
});
