import { Logger } from '@nestjs/common';
import type { Database } from '#libs/database';
import type { AccessChange, AccessChanges } from '#libs/permissions';
import { LegacyKeys } from './legacy-keys.js';

/** A database that answers when the test says so. */
function setUp(): {
  keys: LegacyKeys;
  tell: (change: AccessChange) => void;
  questions: ((held: boolean | Error) => Promise<void>)[];
} {
  const questions: ((held: boolean | Error) => Promise<void>)[] = [];
  const listeners: ((change: AccessChange) => void)[] = [];
  const query = (): Promise<object[]> =>
    new Promise((resolve, reject) => {
      questions.push(async (held) => {
        if (held instanceof Error) reject(held);
        else resolve([{ held }]);
        await new Promise(setImmediate);
      });
    });
  const keys = new LegacyKeys(
    { query } as unknown as Database,
    { subscribe: (listener: (change: AccessChange) => void) => listeners.push(listener) } as unknown as AccessChanges,
  );
  keys.onModuleInit();
  return { keys, tell: (change) => listeners.forEach((listener) => listener(change)), questions };
}

beforeAll(() => Logger.overrideLogger(false));

describe('whether there are legacy keys', () => {
  it('is assumed until the database has said otherwise', async () => {
    const { keys, questions } = setUp();
    const started = keys.onApplicationBootstrap();
    expect(keys.exist).toBe(true);
    await questions[0]?.(false);
    await started;
    expect(keys.exist).toBe(false);
  });

  it('is assumed again from the moment a user changes, until the database has answered', async () => {
    const { keys, tell, questions } = setUp();
    void keys.onApplicationBootstrap();
    await questions[0]?.(false);
    tell({ userId: 'somebody' });
    expect(keys.exist).toBe(true);
    await questions[1]?.(false);
    expect(keys.exist).toBe(false);
  });

  it('does not depend on changes to keys of the new form', async () => {
    const { keys, tell, questions } = setUp();
    void keys.onApplicationBootstrap();
    await questions[0]?.(false);
    tell({ keyId: 'some key' });
    expect([keys.exist, questions.length]).toEqual([false, 1]);
  });

  it('is asked again when a change overtook the answer, once for any number of changes', async () => {
    const { keys, tell, questions } = setUp();
    void keys.onApplicationBootstrap();
    for (let change = 0; change < 1000; change++) tell({ userId: `user ${change}` });
    await questions[0]?.(false);
    expect(keys.exist).toBe(true);
    await questions[1]?.(true);
    expect([keys.exist, questions.length]).toEqual([true, 2]);
  });

  it('is assumed when the database cannot say', async () => {
    const { keys, tell, questions } = setUp();
    void keys.onApplicationBootstrap();
    await questions[0]?.(new Error('no database'));
    expect(keys.exist).toBe(true);
    tell('all');
    await questions[1]?.(false);
    expect(keys.exist).toBe(false);
  });
});
