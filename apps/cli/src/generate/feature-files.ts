import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeatureName } from './feature-name.js';

/** A file to be written: its path from the checkout's root, with slashes, and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Where the templates stand in a checkout. */
export const TEMPLATES = 'apps/cli/src/generate/templates';

/** Where each template's file goes; the templates themselves are plain files beside this one. */
const places: Readonly<Record<string, (name: FeatureName, migration: string) => string>> = {
  'permissions.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.permissions.ts`,
  'problems.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.problems.ts`,
  'dto.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.dto.ts`,
  'entity.ts': ({ pluralFile, singularFile }) => `libs/${pluralFile}/src/${singularFile}.entity.ts`,
  'entity.spec.ts': ({ pluralFile, singularFile }) => `libs/${pluralFile}/src/${singularFile}.entity.spec.ts`,
  'repository.ts': ({ pluralFile, singularFile }) => `libs/${pluralFile}/src/${singularFile}.repository.ts`,
  'service.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.service.ts`,
  'controller.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.controller.ts`,
  'module.ts': ({ pluralFile }) => `libs/${pluralFile}/src/${pluralFile}.module.ts`,
  'index.ts': ({ pluralFile }) => `libs/${pluralFile}/src/index.ts`,
  'migration.ts': ({ pluralFile }, migration) => `migrations/${migration}-${pluralFile}.ts`,
  'e2e-spec.ts': ({ pluralFile }) => `test/e2e/${pluralFile}.e2e-spec.ts`,
};

/** The files of a feature; `migration` is the number of its migration. */
export function featureFiles(root: string, name: FeatureName, migration: string): GeneratedFile[] {
  const forms: Record<string, string> = { ...name.forms, migration };
  return Object.entries(places).map(([template, place]) => ({
    path: place(name, migration),
    text: templateText(root, template).replaceAll(/\{\{([^}]+)\}\}/g, (whole, form: string) => forms[form] ?? whole),
  }));
}

/** Every word in the code of the templates themselves: a feature of such a name would not compile, or mean something else. */
export function wordsOfTemplates(root: string): ReadonlySet<string> {
  const code = Object.keys(places)
    .filter((template) => !template.includes('spec'))
    .map((template) => templateText(root, template))
    .join('\n')
    .replaceAll(/\/\*\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`|\w*\{\{[^}]+\}\}\w*/g, ' ');
  return new Set(code.match(/[A-Za-z]\w*/g));
}

/** The number of a new migration: the time, but never before one that is there. */
export function nextMigration(root: string, now: Date): string {
  const numbers = readdirSync(join(root, 'migrations')).map((file) => Number(/^\d+(?=-)/.exec(file)?.[0] ?? 0));
  return String(Math.max(now.getTime(), ...numbers.map((number) => number + 1000)));
}

function templateText(root: string, template: string): string {
  return readFileSync(join(root, TEMPLATES, `${template}.template`), 'utf8');
}
