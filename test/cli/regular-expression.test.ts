import fc from "fast-check";
import { expect, test } from "vitest";
import { regularExpression } from "../../src/cli/regular-expression.js";

function matches(text: string, line: string, ignoreCase = false): boolean {
  const result = regularExpression(text, { ignoreCase });
  if ("problem" in result) throw new Error(result.problem);
  return result.expression.matches(line);
}

/** JavaScript backtracks: with more repeated groups than this its answer to a line of 12 characters may take for ever. */
const MOST_REPEATED_GROUPS = 2;
const repeatedGroups = (pattern: string): number => pattern.match(/\)[*+{]/g)?.length ?? 0;

/** Expressions that mean the same to JavaScript: atoms of a small alphabet, joined, grouped and repeated. */
const patterns = fc.letrec<{ expression: string; piece: string; atom: string }>((tie) => ({
  expression: fc
    .array(fc.array(tie("piece"), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((branches) => branches.map((pieces) => pieces.join("")).join("|")),
  piece: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom("^", "$") },
    {
      weight: 8,
      arbitrary: fc
        .tuple(tie("atom"), fc.constantFrom("", "", "*", "+", "{2}", "{0,1}", "{1,}", "{1,3}", "{0}"))
        .map(([atom, suffix]) => atom + suffix),
    },
  ),
  atom: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom("a", "b", "A", ".", "\\.", "\\|", "[ab]", "[^a]", "[a-cX]", "[^\\]-]", "-"),
    tie("expression").map((inside) => `(${inside})`),
  ),
}));

const lines = fc.string({ unit: fc.constantFrom("a", "b", "c", "A", "X", ".", "|", "]", "-"), maxLength: 12 });

test("an expression matches a line when JavaScript says so", () => {
  fc.assert(
    fc.property(patterns.expression, lines, fc.boolean(), (pattern, line, ignoreCase) => {
      fc.pre(pattern.length <= 256 && repeatedGroups(pattern) <= MOST_REPEATED_GROUPS);
      expect(matches(pattern, line, ignoreCase)).toBe(new RegExp(pattern, ignoreCase ? "i" : "").test(line));
    }),
    { numRuns: 5_000 },
  );
});

test("any text is either an expression or has a problem", () => {
  const text = fc.string({ unit: fc.constantFrom(..."\\^$*+.()|[]{},-a1é"), maxLength: 30 });
  fc.assert(
    fc.property(text, lines, (pattern, line) => {
      const result = regularExpression(pattern);
      if ("expression" in result) expect(typeof result.expression.matches(line)).toBe("boolean");
      else expect(result.problem).not.toBe("");
    }),
    { numRuns: 5_000 },
  );
});

test("an expression on which backtracking never ends has an answer", () => {
  expect(matches("^(a+)+(a*)*(a|a)*b$", "a".repeat(3_000))).toBe(false);
});

test("a question mark is an ordinary character", () => {
  expect(matches("a?b", "a?b")).toBe(true);
  expect(matches("a?b", "b")).toBe(false);
});

test("a character outside the basic plane is one character", () => {
  expect(matches("^.$", "😀")).toBe(true);
});

test.for([
  ["(a", "a '(' is not closed"],
  ["a)", "a ')' has no '('"],
  ["[a", "a '[' is not closed"],
  ["[]", "a set is empty"],
  ["[b-a]", "the range b-a is upside down"],
  ["*a", "'*' has nothing before it to repeat"],
  ["a|+", "'+' has nothing before it to repeat"],
  ["a{", "a '{' needs {n}, {n,}, {,m} or {n,m}"],
  ["a{,}", "a '{' needs {n}, {n,}, {,m} or {n,m}"],
  ["a{3,1}", "{3,1} counts downwards"],
  ["a{256}", "a count must be 0 to 255"],
  ["a]", "a ']' is not opened; write \\] for the character itself"],
  ["a\\", "nothing follows the last '\\'"],
  ["\\d", "'\\d' is not known; '\\' stands before operators"],
  ["((a{255}){255}){255}", "the counts multiply to too much"],
  [`${"(".repeat(8)}${"){255}".repeat(8)}`, "the counts multiply to too much"],
  ["a".repeat(257), "the expression is longer than 256 characters"],
])("%s is refused", ([text, problem]) => {
  expect(regularExpression(text!)).toEqual({ problem });
});
