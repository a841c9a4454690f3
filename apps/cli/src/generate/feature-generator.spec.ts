import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRefused } from '../command-failure.js';
import { generateFeatureIn } from './feature-generator.js';

const root = join(__dirname, '../../../..');
const now = new Date('2026-01-02T03:04:05.678Z');

/** As much of a checkout as the generator looks at. */
function checkout(): string {
  const copy = mkdtempSync(join(tmpdir(), 'keyward-generate-'));
  for (const part of [
    'apps/api/src/features.ts',
    'apps/cli/src/generate/templates',
    'libs',
    'migrations',
    '.prettierrc',
  ])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  mkdirSync(join(copy, 'test/e2e'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

describe('the generator of features', () => {
  let copy: string;
  const refusal = (name: string): string => {
    try {
      generateFeatureIn(copy, name, now);
    } catch (error) {
      if (error instanceof CommandRefused) return error.text;
      throw error;
    }
    return 'not refused';
  };

  beforeAll(() => {
    copy = checkout();
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('writes a library, one migration, an end-to-end test, and one line of the list of features', () => {
    const before = readFileSync(join(copy, 'apps/api/src/features.ts'), 'utf8');
    const paths = generateFeatureIn(copy, 'gift-cards', now);
    expect(paths.filter((path) => !path.startsWith('libs/gift-cards/src/'))).toEqual([
      expect.stringMatching(/^migrations\/\d{13}-gift-cards\.ts$/),
      'test/e2e/gift-cards.e2e-spec.ts',
      'apps/api/src/features.ts',
    ]);
    expect(readdirSync(join(copy, 'libs/gift-cards/src'))).toHaveLength(10);
    const after = readFileSync(join(copy, 'apps/api/src/features.ts'), 'utf8').split('\n');
    expect(after.filter((line) => !before.includes(line)).map((line) => line.trim())).toEqual([
      "import { GiftCardsModule } from '#libs/gift-cards';",
      'GiftCardsModule,',
    ]);
    for (const path of paths) expect(readFileSync(join(copy, path), 'utf8')).not.toMatch(/\{\{|\}\}\}/);
  });

  it('numbers the migration after all that are there', () => {
    const [newest, before] = readdirSync(join(copy, 'migrations')).toSorted().toReversed();
    expect(newest).toMatch(/-gift-cards\.ts$/);
    expect(Number.parseInt(newest ?? '', 10)).toBeGreaterThan(Number.parseInt(before ?? '', 10));
  });

  it.each([
    ['Gift-Cards', 'it is not in kebab-case'],
    ['gift_cards', 'it is not in kebab-case'],
    ['../escape', 'it is not in kebab-case'],
    ['2-things', 'it is not in kebab-case'],
    ['', 'it is not in kebab-case'],
    ['inventory', 'it is not a plural'],
    ['status', 'it is not a plural'],
    ['address', 'it is not a plural'],
    ['classes', 'class means something in TypeScript'],
    ['evals', 'eval means something in TypeScript'],
    ['arguments', 'arguments means something in TypeScript'],
    ['overlaps', 'overlaps means something in TypeScript or SQL'],
    ['a-s', 'the singular of its last word is too short'],
    ['references', 'references means something in TypeScript or SQL'],
    ['a'.repeat(60) + 's', 'it has 61 characters, 40 are allowed'],
    ['dates', 'Date means something in the code of every feature'],
    ['requests', 'request means something in the code of every feature'],
    ['orders', 'libs/orders is there already'],
    ['gift-cards', 'libs/gift-cards is there already'],
    ['roles', 'has Role'],
    ['profiles', 'has ChangeProfileRequest'],
  ])('refuses %j with a line that says why', (name, why) => {
    expect(refusal(name)).toContain(why);
    expect(refusal(name).split('\n')).toHaveLength(1);
  });

  it('refuses a folder that is no checkout', () => {
    expect(() => generateFeatureIn(tmpdir(), 'gift-cards', now)).toThrow('is no checkout of Keyward');
  });
});
