import type { ConfigDeclaration } from '#libs/config';

const WIDTH = 110;

/** The whole of `.env.example`: every variable that any feature declares, grouped by feature, commented out. */
export function renderEnvExample(declarations: readonly ConfigDeclaration[]): string {
  const head = [
    '# Every setting of Keyward, with its default. Copy this file to .env and uncomment what you change; an empty value',
    '# counts as absent. Whatever is set here is checked at the start, and a value that is not allowed stops it.',
    '# Made from the declarations in the code: `UPDATE_ENV_EXAMPLE=1 npm test -- --selectProjects=architecture`.',
  ];
  const groups = declarations
    .toSorted((a, b) => a.subject.localeCompare(b.subject))
    .map(({ subject, variables }) =>
      [`# ---- ${subject}`, ...variables.flatMap((variable) => ['', ...describe(variable)])].join('\n'),
    );
  return `${[head.join('\n'), ...groups].join('\n\n')}\n`;
}

function describe({ name, about, allowed, fallback }: ConfigDeclaration['variables'][number]): string[] {
  return [...comment(about), ...comment(`Allowed: ${allowed}.`), `#${name}=${fallback ?? ''}`];
}

/** `text` as comment lines no longer than the width. */
function comment(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`);
}
