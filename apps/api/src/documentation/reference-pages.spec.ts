import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { REDOC_POLICY, REDOC_VERSION, redocPage, swaggerUiPage } from './reference-pages.js';

describe('reference pages', () => {
  it('allow the styles of the ReDoc that is installed', () => {
    const { version } = JSON.parse(readFileSync('node_modules/redoc/package.json', 'utf8'));
    expect(version).toBe(REDOC_VERSION);
    expect(REDOC_POLICY).toContain(createHash('sha256').update('').digest('base64'));
  });

  it('find their files and the document below the path at which the installation is reached', () => {
    expect(redocPage('/keyward')).toContain('src="/keyward/redoc/redoc.standalone.js"');
    expect(swaggerUiPage('/keyward')).toContain('data-document="/keyward/openapi.json"');
  });
});
