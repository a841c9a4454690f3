import { createHash } from 'node:crypto';
import { PROBLEM_PAGE_POLICY, problemIndex, problemPage } from './problem-pages.js';

const hostile = { code: 'test.hostile', status: 409, title: '<script>alert(1)</script>', remedy: 'Use `a&b` & "c".' };

describe('problem pages', () => {
  it('escape whatever a definition says', () => {
    const page = problemPage(hostile, '');
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('Use <code>a&amp;b</code> &amp; &quot;c&quot;.');
  });

  it('are allowed exactly the one style that they contain', () => {
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(problemPage(hostile, '')) ?? [];
    expect(PROBLEM_PAGE_POLICY).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(PROBLEM_PAGE_POLICY).not.toContain('unsafe');
  });

  it('link to each other below the path at which the installation is reached', () => {
    expect(problemIndex([hostile], '/keyward')).toContain('href="/keyward/problems/test.hostile"');
    expect(problemPage(hostile, '/keyward')).toContain('href="/keyward/problems"');
  });
});
