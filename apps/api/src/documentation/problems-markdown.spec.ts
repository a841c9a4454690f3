import { readFileSync } from 'node:fs';
import { problemCatalogue } from '#libs/http';
import { features } from '../features.js';
import { problemsMarkdown } from './problems-markdown.js';

describe('docs/problems.md', () => {
  it('is what the features declare; `npm run docs:problems` writes it anew', () => {
    expect(features).not.toHaveLength(0); // loading them declares their problems
    expect(readFileSync('docs/problems.md', 'utf8')).toBe(problemsMarkdown(problemCatalogue().values()));
  });
});
