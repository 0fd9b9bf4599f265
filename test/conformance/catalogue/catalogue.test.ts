import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { project } from "../../architecture/sources.js";
import { BFD } from "./bfd.js";
import { type Case, type Collected, fileOf, missing, tableOf } from "./case.js";
import { LACP } from "./lacp.js";
import { SYSTEMS } from "./systems.js";

const COLLECT = fileURLToPath(new URL("../../support/collect-tests.js", import.meta.url));
const CASES: readonly Case[] = [...LACP, ...SYSTEMS, ...BFD];

let collected: Collected[];

beforeAll(async () => {
  const files = new Set(CASES.flatMap(([, , ...tests]) => tests.map((name) => `test/${fileOf(name)}.test.ts`)));
  const args = [COLLECT, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project, maxBuffer: 16 << 20 });
  collected = JSON.parse(stdout);
}, 120_000);

test("the catalogue has all cases: C1 to C11, O1 to O4, F1 to F13, B1 to B35, each once", () => {
  const ids = CASES.map(([id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const groups = new Set(ids.map((id) => id.replace(/\..*|[a-d]$/g, "")));
  const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, n) => `${letter}${n + 1}`);
  expect([...groups]).toEqual([...numbered("C", 11), ...numbered("O", 4), ...numbered("F", 13), ...numbered("B", 35)]);
});

test("every case names tests that vitest collects", () => {
  expect(CASES.filter(([, , ...tests]) => tests.length === 0)).toEqual([]);
  const gone = CASES.flatMap(([id, , ...tests]) => missing(tests, collected).map((name) => `${id}: ${name}`));
  expect(gone).toEqual([]);
});

test("a test of another name, in another file or in another suite is missed", () => {
  const there: Collected = { file: "conformance/a", name: "suite > a port waits" };
  expect(missing(["conformance/a > suite > a port waits"], [there])).toEqual([]);
  const renamed = { ...there, name: "suite > a port waits long" };
  const moved = { ...there, file: "conformance/b" };
  const regrouped = { ...there, name: "suites > a port waits" };
  for (const other of [renamed, moved, regrouped])
    expect(missing(["conformance/a > suite > a port waits"], [other])).toHaveLength(1);
});

test("a parameter of a table stands for any text, and for some", () => {
  const rows = ["suite > (a) 1 is told", "suite > (a) 2 is told"].map((name) => ({ file: "a", name }));
  expect(missing(["a > suite > (a) * is told", "a > suite > * is told"], rows)).toEqual([]);
  expect(missing(["a > suite > (a) 1*is told at once", "a > suite > b * is told"], rows)).toHaveLength(2);
});

test("README.md is the catalogue, printed", async () => {
  const text = `# Catalogue of cases

What others test of LACP and BFD, in our words, and the tests that show it here: the file in \`test/\`, the suite, the name of the
test; a \`*\` stands for the rows of a table. The files of \`catalogue/\` hold it, this page is printed from them (\`npm run golden\`).

## LACP and Marker, by the machines of 802.1AX-2014 clause 6

${tableOf(LACP)}

## LACP as others test it: Open vSwitch (O), a large operator's switch stack (F)

${tableOf(SYSTEMS)}

## BFD as packet forwarders and routing daemons test it

${tableOf(BFD)}
`;
  await expect(text).toMatchFileSnapshot("../README.md");
});
