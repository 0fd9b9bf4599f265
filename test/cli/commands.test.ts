import fc from "fast-check";
import { expect, test } from "vitest";
import { CommandLine, lineOf, refusalLines, refusalText } from "../../src/cli/command-line.js";

const commands = new CommandLine();
const parseLine = (line: string) => commands.parse(line);
const helpFor = (line: string) => commands.help(line);
const complete = (line: string, known: Parameters<CommandLine["complete"]>[1]) => commands.complete(line, known);

function filtered(line: string, text: string): string {
  const parsed = parseLine(line);
  if (!parsed.ok) throw new Error(refusalText(parsed.refusal));
  return parsed.filters.apply(text);
}

const refusal = (line: string): string[] => {
  const parsed = parseLine(line);
  if (parsed.ok) throw new Error(`${line} is accepted`);
  return [line, ...refusalLines(parsed.refusal, 0)];
};

test.for([
  ["marker eth-trunk 7", ["marker", "eth-trunk"], { id: 7 }],
  ["m e 7 20", ["marker", "eth-trunk"], { id: 7, count: 20 }],
  ["screen-length 0 temporary", ["screen-length", "temporary"], { lines: 0 }],
  ["q", ["quit"], {}],
  ["sys", ["system-view"], {}],
  ["dis hist", ["display", "history-command"], {}],
] as const)("%s is read as a command of the shell", ([line, words, values]) => {
  expect(parseLine(line)).toMatchObject({ ok: true, row: { kind: "shell" }, match: { words, values } });
});

test.for([
  ["dis foo", "    ^", "Error: Unrecognized command found at '^' position."],
  ["display", "       ^", "Error: Incomplete command found at '^' position."],
  ["display version 1", "                ^", "Error: Too many parameters found at '^' position."],
  ["re", " ^", "Error: Ambiguous command found at '^' position."],
  [
    "marker eth-trunk 1 1001",
    "                   ^",
    "Error: Wrong parameter found at '^' position.",
    "       INTEGER<1-1000>",
  ],
  ["display version | include | | count", "                         ^", /^Error: /],
  ["display version |", "                 ^", "Error: Incomplete command found at '^' position."],
  ["display version | x", "                  ^", "Error: Unrecognized command found at '^' position."],
  ["display version | in", "                    ^", "Error: Incomplete command found at '^' position."],
  [
    "display version | count | json",
    "                          ^",
    "Error: Too many parameters found at '^' position.",
  ],
  ["display version | json | count", "                         ^", "Error: Too many parameters found at '^' position."],
  [
    "display version | include (",
    "                          ^",
    "Error: Wrong parameter found at '^' position.",
    "       regular expression: a '(' is not closed",
  ],
  ["reset lacp statistics eth-trunk | count", "                                ^", /^Error: /],
])("%s is refused with the caret under the fault", ([line, ...lines]) => {
  const [typed, ...shown] = refusal(line as string);
  expect(typed).toBe(line);
  for (const [n, text] of lines.entries()) {
    if (text instanceof RegExp) expect(shown[n]).toMatch(text);
    else expect(shown[n]).toBe(text);
  }
});

test("a line of more than 3100 characters is refused before it is read", () => {
  expect(refusal(`display version${" ".repeat(3_100)}`).slice(1)).toEqual([
    "Error: The line is longer than 3100 characters.",
  ]);
});

test("33 filters in a row are too many, 32 are not", () => {
  expect(parseLine(`display version${" | count".repeat(32)}`).ok).toBe(true);
  expect(parseLine(`display version${" | count".repeat(33)}`).ok).toBe(false);
});

const TEXT =
  "!head\n#\nsysname A\n#\ninterface Eth-Trunk1\n mode lacp-static\n#\ninterface eth1\n eth-trunk 1\n#\nreturn\n";

test.for([
  ["include ^interface", "interface Eth-Trunk1\ninterface eth1\n"],
  ["exclude e", "#\n#\n#\n#\n"],
  ["begin eth1", "interface eth1\n eth-trunk 1\n#\nreturn\n"],
  ["section include eth-trunk", "#\ninterface eth1\n eth-trunk 1\n"],
  ["section include (^!|sysname)", "!head\n#\nsysname A\n"],
  ["include ETH-TRUNK1 | ignore-case", "interface Eth-Trunk1\n"],
  ["ignore-case | include ETH-TRUNK1", "interface Eth-Trunk1\n"],
  ["include interface | exclude Trunk | count", "Total lines: 1.\n"],
  ["count | include 11", "Total lines: 11.\n"],
  ['include "eth-trunk 1"', " eth-trunk 1\n"],
  ["include nosuch", ""],
  ["begin nosuch", ""],
  ["no-more", TEXT],
])("| %s filters", ([filter, left]) => {
  expect(filtered(`display current-configuration | ${filter}`, TEXT)).toBe(left);
});

test("| no-more, | refresh and | json are told apart from the text", () => {
  const chain = (line: string) => {
    const parsed = parseLine(line);
    return parsed.ok ? parsed.filters : undefined;
  };
  expect(chain("display version | no-more")).toMatchObject({ paging: false, json: false });
  expect(chain("display version | refresh")).toMatchObject({ refreshSeconds: 5 });
  expect(chain("display version | refresh 60 | count")).toMatchObject({ refreshSeconds: 60 });
  expect(chain("display version | json")).toMatchObject({ json: true });
});

test("words of an argument list that hold blanks count as quoted, a single one is a line", () => {
  expect(lineOf(["display", "version", "|", "include", "a b"])).toBe('display version | include "a b"');
  expect(lineOf(["display version | count"])).toBe("display version | count");
});

test("help lists what may follow, commands of grammar and shell alike", () => {
  expect(helpFor("")).toEqual([
    "Current view commands:",
    expect.stringMatching(/^ {2}configuration +\S/),
    expect.stringMatching(/^ {2}display +\S/),
    expect.stringMatching(/^ {2}marker +\S/),
    expect.stringMatching(/^ {2}protect-switch +\S/),
    expect.stringMatching(/^ {2}quit +\S/),
    expect.stringMatching(/^ {2}reset +\S/),
    expect.stringMatching(/^ {2}return +\S/),
    expect.stringMatching(/^ {2}rollback +\S/),
    expect.stringMatching(/^ {2}screen-length +\S/),
    expect.stringMatching(/^ {2}system-view +\S/),
    expect.stringMatching(/^ {2}undo +\S/),
    expect.stringMatching(/^ {2}why +\S/),
  ]);
  expect(helpFor("marker eth-trunk 1 ")).toEqual([expect.stringMatching(/^ {2}INTEGER<1-1000> {2}\S/), "  <cr>"]);
  expect(helpFor("re")).toEqual(["", "reset                                   return", ""]);
});

test("help after a pipe lists the filters", () => {
  expect(helpFor("display version | ").map((line) => line.trim().split(" ")[0])).toEqual([
    "begin",
    "count",
    "exclude",
    "ignore-case",
    "include",
    "json",
    "no-more",
    "refresh",
    "section",
  ]);
  expect(helpFor("display version | refresh ")).toEqual([
    "  INTEGER<1-3600>  Interval in seconds, the default value is 5",
    "  <cr>",
  ]);
});

test("completion knows the words, the trunks and the filters", () => {
  expect(complete("di", {})).toEqual({ start: 0, candidates: ["display"] });
  expect(complete("display eth-trunk ", { trunks: [1, 20] })).toEqual({
    start: 18,
    candidates: ["1", "20", "brief"],
  });
  expect(complete("display version | in", {})).toEqual({ start: 18, candidates: ["include"] });
  expect(complete("display version |", {}).candidates).toEqual([]);
});

test("any line is read, helped and completed without a throw", () => {
  const words = ["display", "reset", "|", "include", "eth-trunk", "1", '"', " ", "(", "marker", "é", "refresh", "#"];
  const line = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 10 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(line, (text) => {
      const parsed = parseLine(text);
      if (!parsed.ok) expect(refusalLines(parsed.refusal, 4).length).toBeGreaterThan(0);
      expect(Array.isArray(helpFor(text))).toBe(true);
      expect(complete(text, { trunks: [1] }).start).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2_000 },
  );
});
