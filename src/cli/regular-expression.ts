/**
 * The regular expressions of output filters: `\ ^ $ * + . ( ) | [ ] [^ ] { , }` and nothing else. Matching follows every
 * alternative at once (Thompson's simulation of a nondeterministic automaton), so its time grows with the length of the
 * line and never explodes, whatever the expression.
 */
export interface RegularExpression {
  /** True when some part of the line matches. */
  matches(line: string): boolean;
}

export type RegularExpressionResult = { readonly expression: RegularExpression } | { readonly problem: string };

const MOST_CHARACTERS = 256;
const MOST_REPEATS = 255;
/** Bounds what nested counts such as `((a{255}){255}){255}` unfold to. */
const MOST_STEPS = 5_000;

type Test = (character: string) => boolean;

type Node =
  | { readonly kind: "one"; readonly accepts: Test }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "either"; readonly branches: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly least: number; readonly most: number };

/** A state of the automaton; `next` and `other` are indexes of states. State 0 is the match. */
type State =
  | { readonly kind: "match" }
  | { readonly kind: "one"; readonly accepts: Test; readonly next: number }
  | { readonly kind: "start" | "end"; readonly next: number }
  | { readonly kind: "split"; readonly next: number; other: number };

class Problem extends Error {}

class Parser {
  readonly #characters: readonly string[];
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(text: string, ignoreCase: boolean) {
    this.#characters = [...text];
    this.#ignoreCase = ignoreCase;
  }

  parse(): Node {
    const node = this.#either();
    if (this.#at < this.#characters.length) throw new Problem("a ')' has no '('");
    return node;
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #either(): Node {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    return branches.length === 1 ? branches[0]! : { kind: "either", branches };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (let next = this.#characters[this.#at]; next !== undefined && next !== "|" && next !== ")"; ) {
      parts.push(this.#repeated(this.#atom()));
      next = this.#characters[this.#at];
    }
    return { kind: "sequence", parts };
  }

  #atom(): Node {
    const character = this.#characters[this.#at++]!;
    switch (character) {
      case "(": {
        const inside = this.#either();
        if (!this.#take(")")) throw new Problem("a '(' is not closed");
        return inside;
      }
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case ".":
        return { kind: "one", accepts: () => true };
      case "[":
        return { kind: "one", accepts: this.#set() };
      case "\\":
        return { kind: "one", accepts: this.#range(this.#escaped()) };
      case "*":
      case "+":
      case "{":
        throw new Problem(`'${character}' has nothing before it to repeat`);
      case "]":
      case "}":
        throw new Problem(`a '${character}' is not opened; write \\${character} for the character itself`);
      default:
        return { kind: "one", accepts: this.#range(character) };
    }
  }

  #escaped(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Problem("nothing follows the last '\\'");
    // `\d` and its like mean something elsewhere; taken for a plain letter they would silently find nothing.
    if (/[A-Za-z0-9]/.test(character)) throw new Problem(`'\\${character}' is not known; '\\' stands before operators`);
    return character;
  }

  #repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      if (this.#take("*")) node = repeat(node, 0, Number.POSITIVE_INFINITY);
      else if (this.#take("+")) node = repeat(node, 1, Number.POSITIVE_INFINITY);
      else if (this.#take("{")) node = this.#counted(node);
      else return node;
    }
  }

  /** After the `{` of `{n}`, `{n,}`, `{,m}` or `{n,m}`. */
  #counted(node: Node): Node {
    const end = this.#characters.indexOf("}", this.#at);
    const bounds = /^(\d{0,4})(,?)(\d{0,4})$/.exec(
      this.#characters.slice(this.#at, end < 0 ? undefined : end).join(""),
    );
    const [, from = "", comma = "", to = ""] = bounds ?? [];
    if (end < 0 || !bounds || from + to === "") throw new Problem("a '{' needs {n}, {n,}, {,m} or {n,m}");
    this.#at = end + 1;
    const least = Number(from || "0");
    const most = comma === "" ? least : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    if (Math.max(least, to === "" ? 0 : Number(to)) > MOST_REPEATS) {
      throw new Problem(`a count must be 0 to ${MOST_REPEATS}`);
    }
    if (most < least) throw new Problem(`{${from},${to}} counts downwards`);
    return repeat(node, least, most);
  }

  /** After the `[` of a set. */
  #set(): Test {
    const inverted = this.#take("^");
    const tests: Test[] = [];
    while (!this.#take("]")) {
      const low = this.#setCharacter();
      const isRange = this.#characters[this.#at] === "-" && this.#characters[this.#at + 1] !== "]";
      if (!isRange) tests.push(this.#range(low));
      else {
        this.#at++;
        const high = this.#setCharacter();
        if (high < low) throw new Problem(`the range ${low}-${high} is upside down`);
        tests.push(this.#range(low, high));
      }
    }
    if (tests.length === 0) throw new Problem("a set is empty");
    return (character) => tests.some((accepts) => accepts(character)) !== inverted;
  }

  #setCharacter(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Problem("a '[' is not closed");
    return character === "\\" ? this.#escaped() : character;
  }

  #range(low: string, high = low): Test {
    const inside: Test = (character) => character >= low && character <= high;
    if (!this.#ignoreCase) return inside;
    return (character) => inside(character) || inside(character.toLowerCase()) || inside(character.toUpperCase());
  }
}

const repeat = (part: Node, least: number, most: number): Node => ({ kind: "repeat", part, least, most });

class Automaton implements RegularExpression {
  readonly #states: State[] = [{ kind: "match" }];
  readonly #entry: number;
  #steps = 0;

  constructor(node: Node) {
    this.#entry = this.#lay(node, 0);
  }

  #add(state: State): number {
    return this.#states.push(state) - 1;
  }

  /** Lays out `node` so that `next` comes after it; returns where it begins. */
  #lay(node: Node, next: number): number {
    if (++this.#steps > MOST_STEPS) throw new Problem("the counts multiply to too much");
    switch (node.kind) {
      case "one":
        return this.#add({ kind: "one", accepts: node.accepts, next });
      case "start":
      case "end":
        return this.#add({ kind: node.kind, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.#lay(part, after), next);
      case "either":
        return node.branches
          .map((branch) => this.#lay(branch, next))
          .reduceRight((other, entry) => this.#add({ kind: "split", next: entry, other }));
      case "repeat":
        return this.#layRepeat(node.part, node.least, node.most, next);
    }
  }

  #layRepeat(part: Node, least: number, most: number, next: number): number {
    let entry = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: State = { kind: "split", next, other: next };
      entry = this.#add(loop);
      loop.other = this.#lay(part, entry);
    } else {
      for (let n = least; n < most; n++) entry = this.#add({ kind: "split", next, other: this.#lay(part, entry) });
    }
    for (let n = 0; n < least; n++) entry = this.#lay(part, entry);
    return entry;
  }

  matches(line: string): boolean {
    const characters = [...line];
    let current = new Set<number>();
    for (let at = 0; at <= characters.length; at++) {
      // A match may begin anywhere.
      this.#follow(this.#entry, current, at, characters.length);
      if (current.has(0)) return true;
      const next = new Set<number>();
      const character = characters[at];
      if (character === undefined) return false;
      for (const index of current) {
        const state = this.#states[index]!;
        if (state.kind === "one" && state.accepts(character)) this.#follow(state.next, next, at + 1, characters.length);
      }
      current = next;
    }
    return false;
  }

  /** Adds a state and all that is reached from it without a character. */
  #follow(from: number, reached: Set<number>, at: number, end: number): void {
    const pending = [from];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const state = this.#states[index]!;
      if (state.kind === "split") pending.push(state.next, state.other);
      else if (state.kind === "start" && at === 0) pending.push(state.next);
      else if (state.kind === "end" && at === end) pending.push(state.next);
    }
  }
}

/** Reads an expression of at most 256 characters; the problem says what is wrong with it. */
export function regularExpression(text: string, { ignoreCase = false } = {}): RegularExpressionResult {
  if (text.length > MOST_CHARACTERS) return { problem: `the expression is longer than ${MOST_CHARACTERS} characters` };
  try {
    return { expression: new Automaton(new Parser(text, ignoreCase).parse()) };
  } catch (problem) {
    if (problem instanceof Problem) return { problem: problem.message };
    throw problem;
  }
}
