import { basePathOf, escapeHtml } from './served-page.js';

describe('served pages', () => {
  it('stand below the path of the public address', () => {
    expect(basePathOf('http://localhost:3000')).toBe('');
    expect(basePathOf('https://example.com/keyward')).toBe('/keyward');
  });

  it('escape every character that means something in HTML', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  });
});
