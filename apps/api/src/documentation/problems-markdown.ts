import { STATUS_CODES } from 'node:http';
import type { ProblemDefinition } from '#libs/http';
import { subjectOf } from './problem-pages.js';

/** docs/problems.md: the catalogue for those who read the repository. */
export function problemsMarkdown(problems: Iterable<ProblemDefinition>): string {
  const sorted = [...problems].toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const sections = [...new Set(sorted.map(subjectOf))].map((subject) => {
    const entries = sorted.filter((problem) => subjectOf(problem) === subject).map(entry);
    return `## ${subject}\n\n${entries.join('\n\n')}`;
  });
  return `# Problems

What may go wrong in a call, by the \`code\` of the answer. Every installation serves the same at \`/problems\`.
Written by \`npm run docs:problems\` from what the features declare in their \`*.problems.ts\`: change it there.

${sections.join('\n\n')}
`;
}

function entry({ code, status, title, remedy }: ProblemDefinition): string {
  return `### \`${code}\`\n\n${title}. Status ${status} ${STATUS_CODES[status] ?? ''}.\n\n${remedy}`;
}
