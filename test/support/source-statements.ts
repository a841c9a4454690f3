import ts from 'typescript';
import { textOf } from './source-files.js';

/** A piece of a source file, with the declaration around it: `libs/x/src/y.ts#method`. */
export interface SourceStatement {
  readonly where: string;
  readonly text: string;
}

/** Every string and template of the file that looks like SQL, a template with what is written between its expressions. */
export function sqlIn(file: string): SourceStatement[] {
  return piecesOf(file, (node) =>
    ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)
      ? node.getText()
      : undefined,
  ).filter(({ text }) => /\b(select|insert into|update|delete from|from|join|copy)\b/i.test(text));
}

/** Every call of a method of this name. */
export function callsOf(method: string, file: string): SourceStatement[] {
  return piecesOf(file, (node) =>
    ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === method
      ? node.getText()
      : undefined,
  );
}

const parsed = new Map<string, ts.SourceFile>();

function sourceOf(file: string): ts.SourceFile {
  const source = parsed.get(file) ?? ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

function piecesOf(file: string, pieceOf: (node: ts.Node) => string | undefined): SourceStatement[] {
  const found: SourceStatement[] = [];
  const visit = (node: ts.Node): void => {
    const text = pieceOf(node);
    if (text !== undefined) found.push({ where: `${file}#${declarationAround(node)}`, text });
    ts.forEachChild(node, visit);
  };
  visit(sourceOf(file));
  return found;
}

/** The nearest method or function, or the constant outside of all of them. */
function declarationAround(node: ts.Node): string {
  let constant = 'file';
  for (let around: ts.Node | undefined = node; around !== undefined; around = around.parent) {
    if (ts.isMethodDeclaration(around) || ts.isFunctionDeclaration(around)) return around.name?.getText() ?? constant;
    if (ts.isVariableDeclaration(around)) constant = around.name.getText();
  }
  return constant;
}
