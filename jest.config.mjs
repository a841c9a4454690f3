// Jest runs the TypeScript sources as CommonJS. Nest 12 and its friends are ES modules, which Jest cannot require() on
// every Node we support, so the ones we load are turned into CommonJS too. The same arrangement runs on Node 20 to 26.
const esmPackages = [
  '@nestjs',
  'file-type',
  '@tokenizer',
  'token-types',
  'strtok3',
  'uint8array-extras',
  '@borewit',
  'es-toolkit',
];

const swc = (parser, transform) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser, transform, keepClassNames: true },
  },
];
const decorators = { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false };

const base = {
  rootDir: '.',
  testEnvironment: '<rootDir>/test/support/shared-environment.cjs',
  runtime: '<rootDir>/test/support/shared-runtime.cjs',
  // chooses "source" in the "#libs/*" entry of package.json "imports"
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'require', 'default'] },
  transform: {
    '^.+\\.ts$': swc({ syntax: 'typescript', decorators: true }, decorators),
    '^.+\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmPackages.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' }, // "./x.js" in a TypeScript import is ./x.ts
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.keyward/'],
};

const e2e = {
  ...base,
  displayName: 'e2e',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.e2e-spec.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};
/** Runs every tool on a copy of the tree with a generated feature, which takes as long as a fifth of all the rest. */
const generated = {
  ...e2e,
  displayName: 'generated',
  roots: ['<rootDir>/test/generated'],
  testMatch: ['**/*.spec.ts'],
};
/** Needs a Redis, so it is a project only where one is given; `.ci/run redis` does. */
const redis = { ...e2e, displayName: 'redis', testMatch: ['**/*.redis-spec.ts'] };

export default {
  // three on every machine: files wait as much as they work, and with one worker nobody would notice a file that wants the
  // database server to itself
  maxWorkers: 3,
  // what files leave behind is not always freed: beyond this a worker spends its time on collecting it, and is replaced
  workerIdleMemoryLimit: '1500MB',
  // a worker ends at once, but its 800 MB take a slow machine longer to free than the half second after which Jest warns of leaks
  workerGracefulExitTimeout: 5000,
  testSequencer: '<rootDir>/test/support/end-to-end-first.cjs',
  testTimeout: 30_000,
  projects: [
    { ...base, displayName: 'unit', roots: ['<rootDir>/apps', '<rootDir>/libs'], testMatch: ['**/*.spec.ts'] },
    { ...base, displayName: 'architecture', roots: ['<rootDir>/test/architecture'], testMatch: ['**/*.spec.ts'] },
    e2e,
    generated,
    ...(process.env.TEST_REDIS_URL ? [redis] : []),
  ],
};
