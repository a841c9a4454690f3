// `npm run docs:problems`: writes docs/problems.md from the problems that the built application declares.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';

const built = (path) => import(new URL(`../dist/${path}`, import.meta.url));

try {
  await built('apps/api/src/app.module.js'); // loads every feature, and so every declaration
  const { problemCatalogue } = await built('libs/http/src/index.js');
  const { problemsMarkdown } = await built('apps/api/src/documentation/problems-markdown.js');
  writeFileSync(new URL('../docs/problems.md', import.meta.url), problemsMarkdown(problemCatalogue().values()));
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('The build is missing or incomplete: run npm run build first.');
  process.exitCode = 1;
}
