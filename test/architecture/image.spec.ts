import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '../..');

describe('The image', () => {
  it('runs the server as `npm start` does', async () => {
    const { serverOptions } = await import(pathToFileURL(join(root, 'tools/server-options.mjs')).href);
    const command = /^CMD (.+)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '';
    expect(JSON.parse(command)).toEqual(['node', ...serverOptions, 'dist/apps/api/src/main.js']);
  });
});
