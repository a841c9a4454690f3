import type { AccessChange, AccessChanges } from '#libs/permissions';
import type { VerifiedKey } from './verified-key.js';
import { VerifiedKeysCache } from './verified-keys.cache.js';

const anEntry = (readAt = 0, userId = 'owner'): VerifiedKey =>
  ({ readAt, caller: { keyId: null, userId, organizationId: null } }) as VerifiedKey;

function aCache(): { cache: VerifiedKeysCache; tell: (change: AccessChange) => void } {
  let tell: (change: AccessChange) => void = () => undefined;
  const changes = { subscribe: (listener: typeof tell) => (tell = listener) } as unknown as AccessChanges;
  const cache = new VerifiedKeysCache(changes);
  cache.onModuleInit();
  return { cache, tell: (change) => tell(change) };
}

describe('the cache of verified keys', () => {
  it('believes an entry for less than a second from before the database was asked', async () => {
    const { cache } = aCache();
    const entry = anEntry(5000);
    await cache.load('key', 5000, async () => entry);
    expect(cache.get('key', 5899)).toBe(entry);
    expect(cache.get('key', 5900)).toBeUndefined();
  });

  it('does not believe an answer that took too long to come', async () => {
    const { cache } = aCache();
    await cache.load('key', 0, async () => anEntry(0));
    expect(cache.get('key', 1200)).toBeUndefined();
  });

  it('asks once for all who come while the question is under way', async () => {
    const { cache } = aCache();
    const load = jest.fn(async () => anEntry());
    const answers = await Promise.all([
      cache.load('key', 0, load),
      cache.load('key', 1, load),
      cache.load('key', 899, load),
    ]);
    expect(load).toHaveBeenCalledTimes(1);
    expect(new Set(answers).size).toBe(1);
  });

  it('asks anew for whoever comes so late that the answer under way could not be believed, as after a freeze', async () => {
    const { cache } = aCache();
    const [old, fresh] = [anEntry(0), anEntry(900)];
    let answerOld: (entry: VerifiedKey) => void = () => undefined;
    const first = cache.load('key', 0, () => new Promise((resolve) => (answerOld = resolve)));
    expect(await cache.load('key', 900, async () => fresh)).toBe(fresh);
    answerOld(old);
    expect(await first).toBe(old);
    expect(cache.get('key', 901)).toBe(fresh);
  });

  it.each<[string, AccessChange]>([
    ['the key', { keyId: 'key' }],
    ['its owner', { userId: 'owner' }],
    ['anything', 'all'],
  ])('forgets a key at a change to %s', async (_, change) => {
    const { cache, tell } = aCache();
    await cache.load('key', 0, async () => anEntry());
    tell(change);
    expect(cache.get('key', 1)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('keeps others at a change to one', async () => {
    const { cache, tell } = aCache();
    await cache.load('mine', 0, async () => anEntry(0, 'me'));
    await cache.load('yours', 0, async () => anEntry(0, 'you'));
    tell({ userId: 'me' });
    tell({ keyId: 'another' });
    expect(cache.get('mine', 1)).toBeUndefined();
    expect(cache.get('yours', 1)).toBeDefined();
  });

  it('does not keep an answer that a change overtook, nor lets anybody wait for it after the change', async () => {
    const { cache, tell } = aCache();
    let answer: (entry: VerifiedKey) => void = () => undefined;
    const before = cache.load('key', 0, () => new Promise((resolve) => (answer = resolve)));
    tell({ keyId: 'key' });
    const after = anEntry();
    expect(await cache.load('key', 1, async () => after)).toBe(after);
    answer(anEntry());
    await before;
    expect(cache.get('key', 2)).toBe(after);
  });

  it('keeps neither failures nor that there is no such key', async () => {
    const { cache } = aCache();
    await expect(cache.load('key', 0, async () => Promise.reject(new Error('no database')))).rejects.toThrow(
      'no database',
    );
    expect(await cache.load('key', 1, async () => undefined)).toBeUndefined();
    const entry = anEntry();
    expect(await cache.load('key', 2, async () => entry)).toBe(entry);
  });

  it('never holds more than 20,000 keys, and still forgets every key of a user', async () => {
    const { cache, tell } = aCache();
    for (let index = 0; index < 20_100; index++)
      await cache.load(`key ${index}`, 0, async () => anEntry(0, `owner ${index % 10}`));
    expect(cache.size).toBe(20_000);
    tell({ userId: 'owner 3' });
    expect(cache.size).toBe(18_000);
    tell('all');
    expect(cache.size).toBe(0);
  });
});
