import { assert } from "../../core/base/assert.js";
import type { ParameterType } from "./parameters.js";

/** A parameter of a row: its type, and its line of help with unit and default. */
export interface Parameter<Value = unknown> {
  readonly type: ParameterType<Value>;
  readonly help: string;
}

export type Parameters = { readonly [name: string]: Parameter };

/** The compiled form of a row's syntax. */
export type Node =
  | { readonly kind: "keyword"; readonly word: string }
  | { readonly kind: "parameter"; readonly name: string; readonly parameter: Parameter }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "choice"; readonly alternatives: readonly Node[] }
  | { readonly kind: "optional"; readonly node: Node }
  /** `{ a | b } *`: at least one of them, in any order, each at most once. */
  | { readonly kind: "several"; readonly alternatives: readonly Node[]; readonly needsOne: boolean };

/**
 * Reads the notation of command references: `word`, `<parameter>`, `{ a | b }`, `[ a ]`, `{ a | b } *`, `[ a | b ] *`,
 * everything separated by blanks. A mistake in it is a mistake in the program and throws.
 */
export function compile(syntax: string, parameters: Parameters): Node {
  const tokens = syntax.split(" ").filter((token) => token !== "");
  let next = 0;

  const alternatives = (end: string | undefined): Node[] => {
    const all: Node[] = [];
    let nodes: Node[] = [];
    for (;;) {
      const token = tokens[next];
      assert(token !== undefined || end === undefined, `"${syntax}" lacks ${end}`);
      if (token === undefined) break;
      next++;
      if (token === end) break;
      if (token === "|") {
        all.push(sequence(nodes));
        nodes = [];
      } else nodes.push(single(token));
    }
    return [...all, sequence(nodes)];
  };

  const single = (token: string): Node => {
    if (token === "{" || token === "[") {
      const inside = alternatives(token === "{" ? "}" : "]");
      if (tokens[next] === "*") {
        next++;
        return { kind: "several", alternatives: inside, needsOne: token === "{" };
      }
      const [only, ...others] = inside;
      const node =
        only !== undefined && others.length === 0 ? only : ({ kind: "choice", alternatives: inside } as const);
      return token === "{" ? node : { kind: "optional", node };
    }
    const name = /^<(.+)>$/.exec(token)?.[1];
    if (name === undefined) return keyword(token, syntax);
    const parameter = parameters[name];
    assert(parameter !== undefined, `"${syntax}" names no known parameter <${name}>`);
    return { kind: "parameter", name, parameter };
  };

  const [whole, ...others] = alternatives(undefined);
  assert(whole !== undefined && others.length === 0, `"${syntax}": alternatives stand in { }`);
  return whole;
}

const sequence = (nodes: readonly Node[]): Node => ({ kind: "sequence", nodes });

function keyword(word: string, syntax: string): Node {
  assert(/^[a-z0-9.-]+$/.test(word), `"${syntax}": ${word} is no keyword`);
  return { kind: "keyword", word };
}

/** The undo form of a pattern: `undo` and the leading keywords; the rest may be given or left out. */
export function undoOf(pattern: Node): Node {
  assert(pattern.kind === "sequence", "a row is a sequence");
  const first = pattern.nodes.findIndex((node) => node.kind !== "keyword");
  const undo: Node = { kind: "keyword", word: "undo" };
  if (first < 0) return sequence([undo, ...pattern.nodes]);
  const values: Node = { kind: "optional", node: sequence(pattern.nodes.slice(first)) };
  return sequence([undo, ...pattern.nodes.slice(0, first), values]);
}
