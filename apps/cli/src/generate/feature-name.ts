import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';

/** A feature's name in every form in which it appears. */
export interface FeatureName {
  /** Folder, path and permissions: `gift-cards`. */
  readonly pluralFile: string;
  readonly singularFile: string;
  /** What the templates write for it, by placeholder. */
  readonly forms: Readonly<Record<string, string>>;
}

const LONGEST = 40;
const reserved = new Set(
  (
    'as await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface is let new null package private protected public return static ' +
    'super switch this throw true try type typeof undefined var void while with yield references arguments eval overlaps'
  ).split(' '),
);

/** @throws CommandRefused when it cannot be the name of a feature */
export function featureName(name: string): FeatureName {
  const refuse = (why: string): never => {
    throw new CommandRefused(
      `${JSON.stringify(name)} cannot be the name of a feature: ${why}. Allowed is a plural in kebab-case, such as gift-cards.`,
      ExitCode.usage,
    );
  };
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name)) {
    refuse('it is not in kebab-case (a to z, 0 to 9 and single dashes, each word beginning with a letter)');
  }
  if (name.length > LONGEST) refuse(`it has ${name.length} characters, ${LONGEST} are allowed`);
  if (!/[^suic]s$|[^i]cs$/.test(name)) refuse('it is not a plural');
  const singular = name.replace(/ies$/, 'y').replace(/(ss|sh|ch|x)es$/, '$1');
  const singularFile = singular === name ? name.slice(0, -1) : singular;
  if (!/[a-z0-9]{2}$/.test(singularFile)) refuse('the singular of its last word is too short');
  for (const word of [camel(singularFile), camel(name)]) {
    if (reserved.has(word)) refuse(`${word} means something in TypeScript or SQL`);
  }
  return { pluralFile: name, singularFile, forms: formsOf(singularFile, name) };
}

function formsOf(singular: string, plural: string): Record<string, string> {
  const article = /^[aeiou]/.test(singular) ? 'an' : 'a';
  return {
    Thing: capital(camel(singular)),
    Things: capital(camel(plural)),
    thing: camel(singular),
    things: camel(plural),
    'thing-file': singular,
    'things-file': plural,
    thing_table: singular.replaceAll('-', '_'),
    things_table: plural.replaceAll('-', '_'),
    'thing words': words(singular),
    'things words': words(plural),
    'Things words': capital(words(plural)),
    'a thing': `${article} ${words(singular)}`,
    'A thing': capital(`${article} ${words(singular)}`),
  };
}

function camel(kebab: string): string {
  return kebab.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function words(kebab: string): string {
  return kebab.replaceAll('-', ' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
