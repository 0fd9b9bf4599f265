import { describe, expect, test } from "vitest";
import { PRODUCT } from "../../src/config/features.js";
import { errorLines, errorText, splitLine } from "../../src/config/language/line.js";
import { matchLine, Rows, type Syntax } from "../../src/config/language/match.js";
import { integer, word } from "../../src/config/language/parameters.js";
import { compile } from "../../src/config/language/pattern.js";

describe("a line is split", () => {
  test("at blanks and tabs, with the column of each word", () => {
    expect(splitLine("  lacp \t priority 5  ")).toEqual({
      text: "  lacp \t priority 5",
      words: [
        { text: "lacp", start: 2, end: 6, quoted: false },
        { text: "priority", start: 9, end: 17, quoted: false },
        { text: "5", start: 18, end: 19, quoted: false },
      ],
    });
  });

  test("with quoted blanks kept", () => {
    expect(splitLine('a "b c" d').words.map(({ text }) => text)).toEqual(["a", "b c", "d"]);
  });

  test("with an open quote taken as an ordinary character", () => {
    expect(splitLine('a "b c').words.map(({ text }) => text)).toEqual(["a", '"b', "c"]);
  });

  test("into nothing when it is blank", () => {
    expect(splitLine(" \t ")).toEqual({ text: "", words: [] });
  });
});

describe("the caret stands", () => {
  // The line, what the shell prints under it.
  test.for([
    [
      "under the first character of a word with which nothing fits",
      "lacp nonsense",
      ["     ^", "Error: Unrecognized command found at '^' position."],
    ],
    [
      "one column after the end of a line that lacks something",
      "lacp preempt",
      ["            ^", "Error: Incomplete command found at '^' position."],
    ],
    [
      "under the first character of a wrong value, with what was expected",
      "lacp preempt delay 181",
      ["                   ^", "Error: Wrong parameter found at '^' position.", "       INTEGER<0-180>"],
    ],
    [
      "under the first surplus word",
      "shutdown now please",
      ["         ^", "Error: Too many parameters found at '^' position."],
    ],
    [
      "under the last character of an ambiguous word",
      "lacp p 5",
      ["     ^", "Error: Ambiguous command found at '^' position."],
    ],
    [
      "behind the indentation, which counts",
      "  lacp pri 65536",
      ["           ^", "Error: Wrong parameter found at '^' position.", "       INTEGER<0-65535>"],
    ],
  ] as const)("%s", ([, line, printed]) => {
    const outcome = matchLine(PRODUCT.viewCalled("eth-trunk").rows, splitLine(line));
    expect(outcome.ok ? "accepted" : errorLines(outcome.error)).toEqual(printed);
  });

  test("under the wrong number of an interface, not under its type", () => {
    const outcome = matchLine(PRODUCT.viewCalled("eth-trunk").rows, splitLine("trunkport GigabitEthernet 5"));
    expect(outcome.ok ? "accepted" : errorLines(outcome.error)).toEqual([
      `${" ".repeat(26)}^`,
      "Error: Wrong parameter found at '^' position.",
      "       <slot/card/port>",
    ]);
  });
});

test("in a file the same errors are one line that names the value, the column and the range", () => {
  const textOf = (line: string) => {
    const outcome = matchLine(PRODUCT.viewCalled("physical").rows, splitLine(line));
    return outcome.ok ? "accepted" : errorText(outcome.error);
  };
  expect(textOf("speed 9")).toBe("Wrong parameter at '9' (column 7), expected INTEGER<10-400000>.");
  expect(textOf("speed")).toBe("Incomplete command at column 6, expected INTEGER<10-400000>.");
  expect(textOf("speed 10 20")).toBe("Too many parameters at '20' (column 10).");
  expect(textOf("eth-trunk 1 made")).toBe("Unrecognized command at 'made' (column 13), expected mode.");
  expect(textOf("lacp f\u0000oo")).toBe(
    "Unrecognized command at 'f\\u0000oo' (column 6), expected force-up | priority.",
  );
  expect(textOf("d 1")).toBe(
    "Ambiguous command at 'd' (column 1), expected description | detect-active-link | distribute-weight.",
  );
});

describe("the notation of a row", () => {
  const parameters = {
    n: { type: integer(1, 9), help: "n" },
    m: { type: integer(1, 9), help: "m" },
    name: { type: word(1, 8, /^\w+$/), help: "name" },
  };
  const row = (syntax: string): Syntax => ({ pattern: compile(syntax, parameters), help: syntax, words: {} });
  const read = (syntax: string, line: string) => {
    const outcome = matchLine(new Rows([row(syntax)]), splitLine(line));
    return outcome.ok ? outcome.match : outcome.error.kind;
  };

  test("an option may be left out, a choice may not", () => {
    expect(read("a { b | c <n> } [ d <m> ]", "a c 3")).toEqual({ words: ["a", "c"], values: { n: 3 } });
    expect(read("a { b | c <n> } [ d <m> ]", "a b d 4")).toEqual({ words: ["a", "b", "d"], values: { m: 4 } });
    expect(read("a { b | c <n> } [ d <m> ]", "a d 4")).toBe("unrecognized");
    expect(read("a { b | c <n> }", "a")).toBe("incomplete");
  });

  test("of { } * at least one is given, in any order, each once", () => {
    expect(read("car { cir <n> | pir <m> } *", "car pir 2 cir 1")).toMatchObject({ values: { n: 1, m: 2 } });
    expect(read("car { cir <n> | pir <m> } *", "car cir 1")).toMatchObject({ values: { n: 1 } });
    expect(read("car { cir <n> | pir <m> } *", "car")).toBe("incomplete");
    expect(read("car { cir <n> | pir <m> } *", "car cir 1 cir 2")).toBe("unrecognized");
    expect(read("car { cir <n> | pir <m> } *", "car cir 1 pir 2 cir 3")).toBe("too-many");
    expect(read("car [ cir <n> | pir <m> ] *", "car")).toMatchObject({ values: {} });
  });

  test("an exact word wins over a longer one, and a keyword over a value", () => {
    const rows = new Rows([row("port <n>"), row("port-master"), row("name { any | <name> }")]);
    const words = (line: string) => {
      const outcome = matchLine(rows, splitLine(line));
      return outcome.ok ? [outcome.match.words, outcome.match.values] : outcome.error.kind;
    };
    expect(words("PORT 1")).toEqual([["port"], { n: 1 }]);
    expect(words("port-")).toEqual([["port-master"], {}]);
    expect(words("po 1")).toBe("ambiguous");
    expect(words("name ANY")).toEqual([["name", "any"], {}]);
    expect(words('name "any"')).toEqual([["name"], { name: "any" }]);
    expect(words("name other")).toEqual([["name"], { name: "other" }]);
  });

  test("a mistake in it does not go unnoticed", () => {
    expect(() => compile("a { b", {})).toThrow("lacks }");
    expect(() => compile("a <b>", {})).toThrow("names no known parameter <b>");
    expect(() => compile("a | b", {})).toThrow("alternatives stand in { }");
    expect(() => compile("A b", {})).toThrow("A is no keyword");
  });
});
