import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { type ProblemDefinition } from '#libs/http';
import { escapeHtml } from './served-page.js';

const STYLE = `
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; }
a { color: #0b57d0; } code { font: 14px ui-monospace, monospace; background: #eef1f5; padding: .1em .3em; border-radius: 3px; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } dt { font-weight: 600; margin-top: .8rem; } dd { margin: 0; }
@media (prefers-color-scheme: dark) { body { color: #dde3ea; background: #14181d; } a { color: #8ab4f8; } code { background: #242b33; } }
`;

/** No script, nothing fetched; the one style is named by its hash. */
export const PROBLEM_PAGE_POLICY = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The page of one problem: what it means and what to do. `base` is where the installation is reached. */
export function problemPage({ code, status, title, remedy }: ProblemDefinition, base: string): string {
  return page(
    title,
    `<h1>${escapeHtml(title)}</h1>
<dl>
<dt>Code</dt><dd><code>${escapeHtml(code)}</code></dd>
<dt>Status</dt><dd>${status} ${escapeHtml(STATUS_CODES[status] ?? '')}</dd>
<dt>What to do</dt><dd>${prose(remedy)}</dd>
</dl>
<p><a href="${escapeHtml(base)}/problems">All problems</a> · <a href="${escapeHtml(base)}/docs">API documentation</a></p>`,
  );
}

/** The list of all problems, by subject. */
export function problemIndex(problems: readonly ProblemDefinition[], base: string): string {
  const subjects = [...new Set(problems.map(subjectOf))];
  const sections = subjects.map((subject) => {
    const entries = problems
      .filter((problem) => subjectOf(problem) === subject)
      .map(
        ({ code, status, title }) =>
          `<li><a href="${escapeHtml(base)}/problems/${escapeHtml(code)}"><code>${escapeHtml(code)}</code></a> ${status}: ${escapeHtml(title)}</li>`,
      );
    return `<h2>${escapeHtml(subject)}</h2>\n<ul>\n${entries.join('\n')}\n</ul>`;
  });
  return page(
    'Problems',
    `<h1>Problems</h1>\n<p>What may go wrong in a call, by the <code>code</code> of the answer.</p>\n${sections.join('\n')}`,
  );
}

export function subjectOf({ code }: ProblemDefinition): string {
  return code.slice(0, code.indexOf('.'));
}

/** Remedies mark what is to be typed with backticks. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Keyward</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
