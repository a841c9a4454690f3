import { SecretKeys } from '#libs/secrets';
import { SecretHasher } from './secret-hasher.js';

const [a, b] = ['the first secret of an installation', 'the second secret of an installation'];
const hasherOf = (current: string, previous?: string): SecretHasher =>
  new SecretHasher(new SecretKeys({ current, previous }));

describe('the hash of a secret', () => {
  it('matches its secret and no other', () => {
    const hasher = hasherOf(a);
    const stored = hasher.hash('secret');
    expect(hasher.matches('secret', stored)).toBe(true);
    for (const wrong of ['Secret', 'secret ', '', 'secre']) expect(hasher.matches(wrong, stored)).toBe(false);
  });

  it('cannot be verified without the pepper that made it', () => {
    expect(hasherOf(b).matches('secret', hasherOf(a).hash('secret'))).toBe(false);
    expect(
      hasherOf(b).matches('secret', { ...hasherOf(a).hash('secret'), pepperVersion: hasherOf(b).currentVersion }),
    ).toBe(false);
  });

  it('is made with the current pepper and verified with the previous one too', () => {
    const [before, during] = [hasherOf(a), hasherOf(b, a)];
    expect(during.matches('secret', before.hash('secret'))).toBe(true);
    expect(during.hash('secret').pepperVersion).toBe(during.currentVersion);
    expect(during.currentVersion).not.toBe(before.currentVersion);
    expect([...during.versions].toSorted()).toEqual([before.currentVersion, during.currentVersion].toSorted());
  });

  it.each([0, 16, 31, 33])('is no match, and no failure, when %d bytes are stored', (length) => {
    const hasher = hasherOf(a);
    expect(hasher.matches('secret', { hash: Buffer.alloc(length), pepperVersion: hasher.currentVersion })).toBe(false);
  });

  it('is not the plain hash of the secret, and its version does not reveal the pepper', () => {
    const { hash, pepperVersion } = hasherOf(a).hash('secret');
    expect(hash).toHaveLength(32);
    expect(pepperVersion).toMatch(/^[0-9a-f]{8}$/);
    expect(hash.toString('hex')).not.toContain(pepperVersion);
  });
});
