import { CommandRefused } from '../command-failure.js';
import type { FeatureName } from './feature-name.js';

/** The text of features.ts with one feature more: its import among the others, its module at the end of the list. */
export function withFeature(text: string, { pluralFile, forms }: FeatureName): string {
  const moduleName = `${forms.Things}Module`;
  const line = `import { ${moduleName} } from '#libs/${pluralFile}';`;
  const lines = text.split('\n');
  const firstCode = lines.findIndex((each) => !each.startsWith('import '));
  const place = lines.findIndex((each, index) => index >= firstCode || libraryOf(each) > pluralFile);
  const end = lines.lastIndexOf('];');
  if (firstCode < 1 || place < 0 || end < 0) {
    throw new CommandRefused(
      `apps/api/src/features.ts is not a list as it was: add \`${line}\` and \`${moduleName}\` to it by hand, or restore it.`,
    );
  }
  return [...lines.slice(0, place), line, ...lines.slice(place, end), `  ${moduleName},`, ...lines.slice(end)].join(
    '\n',
  );
}

function libraryOf(importLine: string): string {
  return /'#libs\/([^']+)'/.exec(importLine)?.[1] ?? '';
}
