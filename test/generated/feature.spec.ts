import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFeatureIn } from '../../apps/cli/src/generate/feature-generator.js';
import { root } from '../support/source-files.js';

const NAME = 'gift-cards';
const left = new Set(['node_modules', 'dist', '.git', '.keyward', 'coverage']);

/** The whole checkout without what is made from it, and with the packages of this one. */
function copyOfTheTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'keyward-feature-'));
  for (const entry of readdirSync(root).filter((name) => !left.has(name)))
    cpSync(join(root, entry), join(copy, entry), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

describe('a generated feature', () => {
  let copy: string;
  let files: string[];
  const run = (program: string, ...args: string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', program), ...args], {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, TEST_DATABASE_URL: process.env.KEYWARD_TEST_SERVER },
    });
    return { status, output: status === 0 ? '' : `${stdout}\n${stderr}` };
  };
  const fine = { status: 0, output: '' };

  beforeAll(() => {
    copy = copyOfTheTree();
    files = generateFeatureIn(copy, NAME, new Date());
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('compiles', () => {
    expect(run('typescript-native/bin/tsc', '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false')).toEqual(fine);
  }, 120_000);

  it('passes the linter and the formatter', () => {
    expect(run('oxlint/bin/oxlint', '--type-aware', ...files)).toEqual(fine);
    expect(run('prettier/bin/prettier.cjs', '--check', ...files)).toEqual(fine);
  }, 120_000);

  it('passes its own tests, and those that hold for every import, route, problem and table', () => {
    const everywhere = ['architecture/dependencies', 'routes.e2e', 'migrations.e2e'];
    expect(run('jest/bin/jest.js', '--runInBand', '--testPathPatterns', NAME, ...everywhere)).toEqual(fine);
  }, 240_000);
});
