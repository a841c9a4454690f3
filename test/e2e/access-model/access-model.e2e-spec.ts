import fc from 'fast-check';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { runSequence } from './run-sequence.js';
import { sequences } from './sequence.js';
import { type Ground, ground } from './world.js';

const firstSeed = Number(process.env.KEYWARD_TEST_SEED ?? 1);
const count = Number(process.env.KEYWARD_TEST_SEQUENCES ?? 60);
/** Sequences under way at the same time, each in organizations of its own. */
const LANES = 8;
const SLOWEST_MS = 2000;

describe('who may do what', () => {
  let app: TestApp;
  let shared: Ground;
  beforeAll(async () => {
    app = await startTestApp({
      KEYWARD_ADDRESS_LIMIT: 'off',
      KEYWARD_KEY_LIMIT: 'off',
      KEYWARD_USAGE_DURABILITY: 'buffered', // that no record is lost is another promise
    });
    shared = await ground(app);
  });
  afterAll(async () => {
    shared.caller.close();
    await app.close();
  });

  it(
    'is what a small model says, in every one of many random sequences of changes and calls',
    async () => {
      const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);
      const began = performance.now();
      let calls = 0;
      const lane = async (): Promise<void> => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          const made = await agreeing(shared, seed);
          calls += made; // apart from the await: other lanes add meanwhile
        }
      };
      const stopOthers = (error: unknown): never => {
        seeds.length = 0;
        throw error;
      };
      await Promise.all(Array.from({ length: LANES }, () => lane().catch(stopOthers)));
      const seconds = Math.round((performance.now() - began) / 1000);
      process.stdout.write(
        `${count} sequences agree with the model: seeds ${firstSeed} to ${firstSeed + count - 1}, ${calls} calls, ${seconds} s\n`,
      );
    },
    60_000 + count * SLOWEST_MS,
  );
});

/** Runs the sequence of `seed`; a disagreement is made as small as it gets. Resolves to the number of calls. */
async function agreeing(shared: Ground, seed: number): Promise<number> {
  let calls = 0;
  const property = fc.asyncProperty(sequences, async (sequence) => {
    calls = await runSequence(shared, sequence);
  });
  try {
    await fc.assert(property, { seed, numRuns: 1, unbiased: true });
  } catch (cause) {
    const again = `KEYWARD_TEST_SEED=${seed} KEYWARD_TEST_SEQUENCES=1 npm run test:properties`;
    throw new Error(`The sequence of seed ${seed} disagrees with the model. Again: ${again}`, { cause });
  }
  return calls;
}
