/** Facts about a JSON text besides its value: the lines of its keys, and the line where it stops being JSON. */
export interface JsonLines {
  /** Line of each key, counted from 1, by the keys that lead to it, joined by NUL; down to four keys deep. */
  readonly lineOf: ReadonlyMap<string, number>;
  /** Keys that stand twice in one object (the first is lost), or that no plain object can hold. */
  readonly badKeys: readonly { readonly line: number; readonly path: readonly string[]; readonly text: string }[];
  /** Line of the first character that is not JSON; undefined when all of it is. */
  readonly brokenAt: number | undefined;
  /** The text nests more brackets than a configuration can; the rest was not scanned. */
  readonly tooDeep: boolean;
}

const DEEPEST = 4;
/** Deepest nesting: far more than a model has, and few enough for code that walks a document by recursion. */
const MOST_NESTED = 32;

interface Frame {
  readonly object: boolean;
  /** Keys that lead here; undefined where they are not kept. */
  readonly path: readonly string[] | undefined;
  readonly seen: Set<string>;
  key: string;
}

type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end" | "nothing";

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const ESCAPE = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/** Walks the text once, token by token, without recursion. */
export function scanJson(text: string): JsonLines {
  const lineOf = new Map<string, number>();
  const badKeys: { line: number; path: readonly string[]; text: string }[] = [];
  const frames: Frame[] = [];
  let expected: Expected = "value";
  let line = 1;
  let at = 0;

  const afterValue = (): Expected => (frames.length === 0 ? "nothing" : "comma-or-end");
  const open = (object: boolean) => {
    const parent = frames.at(-1);
    const path = !parent ? [] : parent.object && parent.path ? [...parent.path, parent.key] : undefined;
    frames.push({ object, path: path && path.length < DEEPEST ? path : undefined, seen: new Set(), key: "" });
    expected = object ? "key-or-end" : "value-or-end";
  };
  const takeKey = (frame: Frame, key: string) => {
    frame.key = key;
    expected = "colon";
    if (!frame.path) return;
    const path = [...frame.path, key];
    if (frame.seen.has(key)) badKeys.push({ line, path, text: "stands twice" });
    else if (key === "__proto__") badKeys.push({ line, path, text: "is no name" });
    frame.seen.add(key);
    lineOf.set(path.join("\0"), line);
  };

  while (at < text.length && frames.length <= MOST_NESTED) {
    const c = text.charAt(at);
    if (c === "\n") line++;
    if (c === " " || c === "\t" || c === "\r" || c === "\n") {
      at++;
      continue;
    }
    const frame = frames.at(-1);
    const wantsValue = expected === "value" || expected === "value-or-end";
    let length = 1;
    if ((c === "{" || c === "[") && wantsValue) open(c === "{");
    else if (c === "}" && frame?.object && (expected === "key-or-end" || expected === "comma-or-end")) {
      frames.pop();
      expected = afterValue();
    } else if (c === "]" && frame && !frame.object && (expected === "value-or-end" || expected === "comma-or-end")) {
      frames.pop();
      expected = afterValue();
    } else if (c === "," && frame && expected === "comma-or-end") expected = frame.object ? "key" : "value";
    else if (c === ":" && expected === "colon") expected = "value";
    else {
      length = c === '"' ? stringLength(text, at) : literalLength(text, at);
      if (length === 0) break;
      if (frame && c === '"' && (expected === "key" || expected === "key-or-end"))
        takeKey(frame, JSON.parse(text.slice(at, at + length)) as string);
      else if (wantsValue) expected = afterValue();
      else break;
    }
    at += length;
  }
  const whole = at >= text.length && expected === "nothing";
  return { lineOf, badKeys, brokenAt: whole ? undefined : line, tooDeep: frames.length > MOST_NESTED };
}

/** Length of the string that begins at `start`, quotes included; 0 when it is none. */
function stringLength(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === '"') return at + 1 - start;
    if (c === "\\") {
      if (!ESCAPE.test(text.slice(at + 1, at + 6))) return 0;
      at++;
    } else if (c < " ") return 0;
  }
  return 0;
}

function literalLength(text: string, start: number): number {
  LITERAL.lastIndex = start;
  return LITERAL.exec(text)?.[0].length ?? 0;
}
