import ts from "typescript";
import type { Source } from "./sources.js";

/** A function with a body and how many lines it has, from its first word to its closing brace. */
export interface Measured {
  readonly name: string;
  readonly lines: number;
}

/** `describe`, `test.for`, `test.runIf(x).each(y)`: the word such an expression begins with. */
function firstWord(expression: ts.Expression): string {
  let inner = expression;
  while (ts.isCallExpression(inner) || ts.isPropertyAccessExpression(inner)) inner = inner.expression;
  return ts.isIdentifier(inner) ? inner.text : "";
}

const isCallOf = (node: ts.Node, words: readonly string[]) =>
  ts.isCallExpression(node) && words.includes(firstWord(node.expression));

/** Whether a function is the callback of `describe`, or lists tests as such a callback does. */
const listsTests = ({ parent, body }: ts.FunctionLikeDeclaration): boolean =>
  isCallOf(parent, ["describe"]) ||
  (body !== undefined &&
    ts.isBlock(body) &&
    body.statements.some((line) => ts.isExpressionStatement(line) && isCallOf(line.expression, ["describe", "test"])));

function nameOf(node: ts.FunctionLikeDeclaration, file: ts.SourceFile): string {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  if (node.name) return node.name.getText(file);
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText(file);
  if (!ts.isCallExpression(parent)) return "a function without a name";
  const text = parent.arguments[0];
  return text && ts.isStringLiteralLike(text) ? text.text : parent.expression.getText(file);
}

/**
 * Every function, method, accessor and arrow function of a TypeScript or JavaScript file, functions in functions counted
 * in both. The callback of `describe` and every function that calls `test` or `describe` itself list tests and are not
 * counted; the callback of `test` is.
 */
export function functionsOf({ path, text }: Source): Measured[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const measured: Measured[] = [];
  const line = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body && !listsTests(node))
      measured.push({ name: nameOf(node, file), lines: line(node.end) - line(node.getStart(file)) + 1 });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return measured;
}

/**
 * Every function of a C file of our layout: it begins with the last line that starts at column 0 with a word and has a
 * parenthesis but no semicolon, and it ends with the next line that is `}` alone.
 */
export function cFunctionsOf({ text }: Source): Measured[] {
  const measured: Measured[] = [];
  let begin: { readonly name: string; readonly at: number } | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    const name = /^[A-Za-z_][^;(]*?(\w+)\([^;]*$/.exec(line)?.[1];
    if (name) begin = { name, at };
    if (line !== "}" || !begin) continue;
    measured.push({ name: begin.name, lines: at - begin.at + 1 });
    begin = undefined;
  }
  return measured;
}
