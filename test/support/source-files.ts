import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout, with a slash at the end. */
export const root = join(__dirname, '..', '..', '/');

/** Every TypeScript file below these folders, as paths from the root. */
export function sourceFiles(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`),
  );
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
