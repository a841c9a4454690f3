import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { root, sourceFiles, textOf } from '../support/source-files.js';

interface Verdict {
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
    readonly totalCruised: number;
  };
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
}

describe('dependencies', () => {
  let verdict: Verdict;
  beforeAll(() => {
    const program = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program, '--output-type', 'json', 'apps', 'libs', 'migrations'],
      {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 256 * 1024 * 1024,
      },
    );
    if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${stderr || stdout}`);
    verdict = JSON.parse(stdout) as Verdict;
  }, 60_000);

  it('follow every rule of .dependency-cruiser.mjs: acyclic, downwards, by index, TypeORM in its place', () => {
    expect(verdict.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it('were really followed: imports by #libs/ were resolved to sources', () => {
    const resolved = verdict.modules.flatMap(({ dependencies }) =>
      dependencies.map((dependency) => dependency.resolved),
    );
    expect(resolved).toContain('libs/access/src/index.ts');
    expect(verdict.summary.totalCruised).toBeGreaterThan(200);
  });

  it('tie no knot: no forwardRef, and nothing is global but the database', () => {
    const files = sourceFiles('libs', 'apps').filter((file) => !file.endsWith('.spec.ts'));
    expect(files.filter((file) => /\bforwardRef\b/.test(textOf(file)))).toEqual([]);
    expect(files.filter((file) => /@Global\(|\bglobal: true/.test(textOf(file)))).toEqual([
      'libs/database/src/database.module.ts',
    ]);
  });

  it('register guards, pipes and filters for all requests in one list only', () => {
    const files = sourceFiles('libs', 'apps').filter((file) =>
      /\bAPP_(GUARD|PIPE|FILTER|INTERCEPTOR)\b|\.useGlobal(Guards|Pipes|Filters|Interceptors)\(/.test(textOf(file)),
    );
    expect(files).toEqual(['apps/api/src/request-pipeline.ts']);
  });
});

describe('the tree', () => {
  const libraries = readdirSync(`${root}libs`);

  // a feature that plugs in need not be there: nothing is built or found by it
  it('has every library that nest-cli.json names', () => {
    const { projects } = JSON.parse(readFileSync(`${root}nest-cli.json`, 'utf8')) as {
      projects: Record<string, { type: string; root: string }>;
    };
    const listed = Object.entries(projects).filter(([, { type }]) => type === 'library');
    expect(libraries).toEqual(expect.arrayContaining(listed.map(([name]) => name)));
    for (const [name, project] of listed) expect(project.root).toBe(`libs/${name}`);
  });

  it('gives each library one index.ts of named exports', () => {
    for (const library of libraries) {
      const index = textOf(`libs/${library}/src/index.ts`);
      expect({ library, hasStar: index.includes('export *') }).toEqual({ library, hasStar: false });
    }
    expect(
      sourceFiles('libs').filter((file) => file.endsWith('/index.ts') && !/^libs\/[^/]+\/src\/index\.ts$/.test(file)),
    ).toEqual([]);
  });

  it('has no file whose name says nothing', () => {
    const vague = /(^|\/)(common|shared|core|utils?|helpers?|types|constants|misc)(\.ts|\/|\.[a-z-]+\.ts)/;
    expect(sourceFiles('libs', 'apps', 'migrations', 'test').filter((file) => vague.test(file))).toEqual([]);
  });

  it('names files in kebab-case with their role', () => {
    expect(
      sourceFiles('libs', 'apps').filter(
        (file) => !/\/[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  it('holds no any, no default export and no unfinished business', () => {
    const files = sourceFiles('libs', 'apps', 'migrations').filter((file) => !file.endsWith('.spec.ts'));
    const hits = (pattern: RegExp): string[] => files.filter((file) => pattern.test(textOf(file)));
    expect(hits(/: any\b|<any>|as any\b/)).toEqual([]);
    expect(hits(/^export default /m)).toEqual([]);
    expect(hits(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('skips and narrows no test', () => {
    const specs = sourceFiles('libs', 'apps', 'test').filter((file) => file.endsWith('spec.ts'));
    expect(
      specs.filter((file) =>
        /\b(it|test|describe)\.(only|skip|todo)\(|\bx(it|describe)\(|\bf(it|describe)\(/.test(textOf(file)),
      ),
    ).toEqual([]);
  });
});
