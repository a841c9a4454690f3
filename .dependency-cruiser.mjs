// Which way dependencies point. Read it from top to bottom: a library knows those above it, never those below. A library
// that is not in the list is a feature that plugs in: it may know all of these, and none of them knows it.
const LIBRARIES = [
  'extensions',
  'config',
  'log',
  'clock',
  'secrets',
  'http',
  'metrics',
  'access',
  'database',
  'audit',
  'permissions',
  'organizations',
  'users',
  'security',
  'api-keys',
  'analytics',
  'health',
];

const spec = '\\.(e2e-)?spec\\.ts$';

/** Each library may import only what stands before it. */
const downwards = LIBRARIES.map((library, at) => ({
  name: `${library}-knows-only-what-is-below-it`,
  comment: `In the order of this file, ${library} may only import what stands before it; what stands behind it plugs in.`,
  severity: 'error',
  from: { path: `^libs/${library}/` },
  to: { path: '^libs/', pathNot: `^libs/(${LIBRARIES.slice(0, at + 1).join('|')})/` },
}));

export default {
  forbidden: [
    {
      name: 'acyclic',
      comment: 'A cycle is one thing in two files: find what both need and give it a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...downwards,
    {
      name: 'features-do-not-know-each-other',
      comment: 'A feature that plugs in may be taken out; what two of them need belongs into a library of the list.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: `^libs/(${LIBRARIES.join('|')})/` },
      to: { path: '^libs/', pathNot: `^libs/($1|${LIBRARIES.join('|')})/` },
    },
    {
      name: 'access-and-database-are-strangers',
      comment:
        'Who may call knows nothing of tables, and tables nothing of callers: the two meet in the features above.',
      severity: 'error',
      from: { path: '^libs/database/' },
      to: { path: '^libs/access/' },
    },
    {
      name: 'libraries-meet-at-their-index',
      comment: 'What is not exported by index.ts is nobody else’s business.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: spec },
      to: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'no-library-imports-its-own-index',
      comment: 'Inside a library files are imported by name; its index is for others.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: '/index\\.ts$' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    {
      name: 'libraries-do-not-know-applications',
      severity: 'error',
      from: { path: '^(libs|migrations)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'applications-do-not-know-each-other',
      comment: 'They share the list of features, which is what the installation consists of, and nothing else.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: spec },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/api/src/features\\.ts$'] },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration means the same for ever; code that it imported would change under it.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { pathNot: 'node_modules/typeorm/' },
    },
    {
      name: 'typeorm-stays-with-the-tables',
      comment:
        'Entities, repositories, read models, queries and modules talk to TypeORM; services and controllers do not.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['^libs/database/', '\\.(entity|repository|read-model|query|module)\\.ts$', spec],
      },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm)/' },
    },
    {
      name: 'what-ships-needs-no-development-package',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: spec },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'what-is-imported-is-there',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'what-ships-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: spec },
      to: { path: `^test/|${spec}` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|apps/dashboard)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
