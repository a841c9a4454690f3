import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version in package.json, which stands above both the sources and what is built from them. */
export const version = readVersion(new URL('./', import.meta.url));

function readVersion(folder: URL): string {
  const file = fileURLToPath(new URL('package.json', folder));
  if (existsSync(file)) {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  }
  const parent = new URL('../', folder);
  if (parent.href === folder.href) throw new Error('package.json was not found above the program: install it whole.');
  return readVersion(parent);
}
