import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { citationsIn, deadIn, unknownIn } from "./citations.js";
import { project, read } from "./sources.js";

const ENDINGS = [".md", ".ts", ".js", ".cjs", ".c", ".h", ".sh", ".lua"];

test("every document that a comment or a page cites is there, and has the section", () => {
  const files = ["src", "native", "test", "bench", "examples"].flatMap((folder) => read(folder, ENDINGS));
  const readme = { path: "README.md", text: readFileSync(join(project, "README.md"), "utf8") };
  // This test speaks of documents that are not there.
  const cited = [readme, ...files].filter(({ path }) => !path.startsWith("test/architecture/citations"));
  expect(cited.flatMap(deadIn)).toEqual([]);
  expect(cited.flatMap(({ text }) => citationsIn(text)).length).toBeGreaterThan(50);
});

test("no comment cites a document by a name without its ending", () => {
  const code = ["src", "native", "test", "bench"].flatMap((folder) => read(folder, ENDINGS.slice(1)));
  expect(code.filter(({ path }) => !path.startsWith("test/architecture/citations")).flatMap(unknownIn)).toEqual([]);
  expect(unknownIn({ path: "src/core/a.ts", text: "// As in protocol-manual 1.6." })).toHaveLength(1);
  expect(unknownIn({ path: "src/core/a.ts", text: "// 802.1AX-2014 6.4.4, buffer-layout 1.2.2" })).toEqual([]);
});

test.for([
  ["a page that is not there", "// As nowhere.md says."],
  ["a section that is not there", "/** behaviour.md 99.1 */"],
  ["the second of two sections", "/** behaviour.md 1.6 and 99.1 */"],
  ["a section on the next line", "/**\n * The table of behaviour.md\n * 99.1.\n */"],
  ["a decision that is not there", "// Decision 9999."],
])("%s is found", ([, text = ""]) => {
  expect(deadIn({ path: "src/core/a.ts", text })).toHaveLength(1);
});

test.for([
  ["a page and its section", "/** behaviour.md 1.6, the key; formats/flush.md 4 */"],
  ["a decision", "// decision 0009, decision 9"],
  ["clauses of standards", "// 802.1AX-2014 6.4.4, RFC 5880 6.8.6, VRP V800R023 2.1"],
  ["a text that is no comment", 'const a = "nowhere.md 1";'],
  ["an address", "// see https://example.net/nowhere"],
])("%s is no dead citation", ([, text = ""]) => {
  expect(deadIn({ path: "src/core/a.ts", text })).toEqual([]);
});
