import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const TESTS = fileURLToPath(new URL("..", import.meta.url));

/** A case of the catalogue: its number, and file and sentence of each test that covers it. */
interface Case {
  readonly number: string;
  readonly tests: readonly (readonly [file: string, sentence: string])[];
}

/** The rows of the catalogue in test/README.md. */
function catalogue(): Case[] {
  const rows = readFileSync(`${TESTS}README.md`, "utf8").matchAll(/^\| ([BCOF]\d[\w.]*) \| [^|]* \| ([^|]*)\|$/gm);
  return [...rows].map(([, number = "", tests = ""]) => ({
    number,
    tests: [...tests.matchAll(/`([^`]+)` ([^;]+?)\s*(?:;|$)/g)].map(([, file = "", sentence = ""]) => [file, sentence]),
  }));
}

const FOLDERS: Readonly<Record<string, string>> = {
  bfd: "conformance/bfd",
  lacp: "conformance/lacp",
  captures: "conformance/captures",
  scenarios: "simulation/scenarios",
};

/** The text of a file as the catalogue names it: a test, or what tests are made of. */
function textOf(name: string): string {
  const [folder = "", ...file] = name.split("/");
  const path = `${TESTS}${FOLDERS[folder] ?? folder}/${file.join("/")}`;
  return readFileSync(existsSync(`${path}.test.ts`) ? `${path}.test.ts` : `${path}.ts`, "utf8");
}

describe("the catalogue of cases", () => {
  const cases = catalogue();

  test("has all cases: C1 to C11, O1 to O4, F1 to F13, B1 to B35", () => {
    const groups = new Set(cases.map(({ number }) => number.replace(/\..*|[a-d]$/g, "")));
    const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, n) => `${letter}${n + 1}`);
    expect([...groups]).toEqual([
      ...numbered("C", 11),
      ...numbered("O", 4),
      ...numbered("F", 13),
      ...numbered("B", 35),
    ]);
  });

  test.for(cases)("$number names a test that exists", ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const [file, sentence] of tests) expect(textOf(file), file).toContain(sentence);
  });
});
