import { isUuid, uuidV7 } from './uuid-v7.js';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('uuidV7', () => {
  it('has version 7, the variant of RFC 9562 and the time in front', () => {
    const id = uuidV7(0x0123_4567_89ab);
    expect(id).toMatch(form);
    expect(id.slice(0, 13)).toBe('01234567-89ab');
  });

  it('is unique and in order, however many are made in a millisecond', () => {
    const ids = Array.from({ length: 100_000 }, () => uuidV7());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''))).toBe(true);
    expect(ids.every((id) => form.test(id))).toBe(true);
  });

  it('cannot be guessed from its neighbour', () => {
    const tails = new Set(Array.from({ length: 1000 }, () => uuidV7(1).slice(19)));
    expect(tails.size).toBe(1000);
  });
});

describe('isUuid', () => {
  it.each(['01234567-89ab-7cde-8f01-23456789abcd', '01234567-89AB-7CDE-8F01-23456789ABCD'])('takes %s', (value) => {
    expect(isUuid(value)).toBe(true);
  });

  it.each([
    '',
    'x',
    '0123456789ab7cde8f0123456789abcd',
    '01234567-89ab-7cde-8f01-23456789abcd ',
    '{01234567-89ab-7cde-8f01-23456789abcd}',
  ])('refuses %j', (value) => {
    expect(isUuid(value)).toBe(false);
  });
});
