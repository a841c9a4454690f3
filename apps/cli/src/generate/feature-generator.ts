import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandRefused } from '../command-failure.js';
import { featureFiles, type GeneratedFile, nextMigration, TEMPLATES, wordsOfTemplates } from './feature-files.js';
import { featureName, type FeatureName } from './feature-name.js';
import { withFeature } from './feature-list.js';

const FEATURES = 'apps/api/src/features.ts';

/**
 * Writes a new feature into the checkout at `root` and adds it to the list of features. Nothing is written unless
 * everything can be. Returns the paths of what was written or changed, the list of features last.
 * @throws CommandRefused when the name is not allowed or taken, or `root` is no checkout
 */
export function generateFeatureIn(root: string, given: string, now: Date): string[] {
  assertCheckout(root);
  const name = featureName(given);
  const files = featureFiles(root, name, nextMigration(root, now));
  assertFree(root, name, files);
  const features = withFeature(readFileSync(join(root, FEATURES), 'utf8'), name);
  for (const { path, text } of [...files, { path: FEATURES, text: features }]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const paths = [...files.map(({ path }) => path), FEATURES];
  format(root, paths);
  return paths;
}

function assertCheckout(root: string): void {
  if (existsSync(join(root, FEATURES)) && existsSync(join(root, TEMPLATES))) return;
  throw new CommandRefused(
    `${root} is no checkout of Keyward: ${FEATURES} or ${TEMPLATES} is missing. Run the command where package.json is.`,
  );
}

function assertFree(root: string, name: FeatureName, files: readonly GeneratedFile[]): void {
  const present = [`libs/${name.pluralFile}`, ...files.map(({ path }) => path)].find((path) =>
    existsSync(join(root, path)),
  );
  if (present !== undefined)
    throw new CommandRefused(`${present} is there already. Choose another name, or delete it first.`);
  const used = wordsOfTemplates(root);
  const word = ['Thing', 'Things', 'thing', 'things']
    .map((form) => name.forms[form] ?? '')
    .find((form) => used.has(form));
  if (word !== undefined) {
    throw new CommandRefused(
      `${word} means something in the code of every feature. Choose a name that says more, such as gift-${name.pluralFile}.`,
    );
  }
  const declared = declarations(files.map(({ text }) => text).join('\n'));
  const sources = sourcesOf(root);
  for (const [path, text] of sources) {
    const taken = [...declarations(text)].find((declaration) => declared.has(declaration));
    if (taken !== undefined) throw new CommandRefused(`${path} has ${taken} already. Choose another name.`);
  }
}

/** What must be unique in the whole house: exported names, tables, subjects of permissions and problems. */
function declarations(text: string): Set<string> {
  return new Set([
    ...matches(text, /^export (?:class|const|interface|type) (\w+)/gm),
    ...matches(text, /\bcreate table (\w+)/g).map((table) => `the table ${table}`),
    ...matches(text, /\bdefinePermissions\(\s*'([^']+)'/g).map((subject) => `the permissions ${subject}:*`),
    ...matches(text, /\bdefineProblems\(\s*'([^']+)'/g).map((subject) => `the problems ${subject}.*`),
  ]);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name ?? '');
}

function sourcesOf(root: string): (readonly [path: string, text: string])[] {
  return ['libs', 'migrations'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [`${folder}/${file}`, readFileSync(join(root, folder, file), 'utf8')] as const),
  );
}

/** How long a line becomes depends on the name, so the house's formatter has the last word. */
function format(root: string, paths: readonly string[]): void {
  const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs');
  const { status, stderr } = spawnSync(process.execPath, [prettier, '--write', ...paths], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new CommandRefused(
    `The feature is written, but not formatted: Prettier ended with ${status}. Run \`npm ci\`, then \`npm run format\`.\n${stderr}`.trim(),
  );
}
