import { SecretKeys } from './secret-keys.js';

const keys = new SecretKeys({ current: 'c'.repeat(32), previous: 'p'.repeat(32) });

describe('SecretKeys', () => {
  it('derives another key of 32 bytes for every purpose, the same each time', () => {
    const [pepper, cursor] = [keys.current('pepper'), keys.current('cursor')];
    expect(pepper.key).toHaveLength(32);
    expect(pepper.key.equals(cursor.key)).toBe(false);
    expect(keys.current('pepper')).toEqual(pepper);
    expect(pepper.version).toBe(cursor.version);
  });

  it('accepts the current secret first and the previous one second, told apart by version', () => {
    const [current, previous] = keys.accepted('pepper');
    expect(current).toEqual(keys.current('pepper'));
    expect(previous?.version).not.toBe(current?.version);
    expect(new SecretKeys({ current: 'p'.repeat(32), previous: undefined }).accepted('pepper')).toEqual([previous]);
  });

  it('shows nothing of the secret in the version', () => {
    expect(keys.current('pepper').version).toMatch(/^[0-9a-f]{8}$/);
  });
});
