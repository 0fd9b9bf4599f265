/** One condition of `--wait`: a path into a JSON document, an operator and a value. */
export interface ValueTest {
  readonly text: string;
  readonly path: readonly string[];
  readonly operator: Operator;
  readonly value: string;
}

type Operator = "=" | "!=" | "<" | ">" | "<=" | ">=";

const TEST = /^([\w.-]+)(!=|<=|>=|=|<|>)(.*)$/s;

/** A word is a test when it has an operator after a path; undefined when it is an ordinary word. */
export function parseValueTest(text: string): ValueTest | undefined {
  const [, path, operator, value] = TEST.exec(text) ?? [];
  if (path === undefined) return undefined;
  return { text, path: path.split("."), operator: operator as Operator, value: value! };
}

/** The value at a path of keys, indexes and `length`; undefined when the path leads nowhere. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const step of path) {
    // A path through null is null: `partner.portState` of a port without a partner.
    if (value === null) return null;
    if (typeof value !== "object" || !Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: string]: unknown })[step];
  }
  return value;
}

/** Names of the fields at the end of a path that leads nowhere. */
export function namesBefore(document: unknown, path: readonly string[]): string[] {
  const end = path.findIndex((_, at) => valueAt(document, path.slice(0, at + 1)) === undefined);
  const last = valueAt(document, path.slice(0, Math.max(0, end)));
  return typeof last === "object" && last !== null ? Object.keys(last) : [];
}

/** A value as a test writes it: `Master`, `2`, `null`; lists and objects as JSON. */
export const printValue = (value: unknown): string =>
  value === undefined ? "not there" : typeof value === "object" ? JSON.stringify(value) : String(value);

const NUMBER = /^-?\d+(\.\d+)?$/;

/** True when the test holds. Numbers compare as numbers, texts by their characters; a path that leads nowhere holds no test, not even `!=`. */
export function holds({ path, operator, value }: ValueTest, document: unknown): boolean {
  const found = valueAt(document, path);
  if (found === undefined) return false;
  const text = printValue(found);
  const isNumber = typeof found === "number" && NUMBER.test(value);
  const equal = isNumber ? found === Number(value) : text === value;
  if (operator === "=") return equal;
  if (operator === "!=") return !equal;
  const isOrdered = isNumber || typeof found === "string";
  if (!isOrdered) return false;
  const [left, right] = isNumber ? [found, Number(value)] : [text, value];
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
  }
}
