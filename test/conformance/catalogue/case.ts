/**
 * A case of the catalogue: its number, what holds, and each test that shows it, as `file > suite > name of the test`: the file
 * from `test/` without its ending, then the full name as vitest has it. A `*` stands for the parameter of a table of tests.
 */
export type Case = readonly [id: string, holds: string, ...tests: string[]];

/** A test as vitest collects it. */
export interface Collected {
  /** From `test/`, without its ending. */
  readonly file: string;
  /** Suites and test, joined by ` > `. */
  readonly name: string;
}

export const fileOf = (test: string): string => test.split(" > ")[0] ?? "";

/** Those of the named tests that were not collected. */
export function missing(tests: readonly string[], collected: readonly Collected[]): string[] {
  const names = new Set(collected.map(({ file, name }) => `${file} > ${name}`));
  const isThere = (test: string): boolean => {
    if (!test.includes("*")) return names.has(test);
    const pattern = new RegExp(
      `^${test
        .split("*")
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join(".+")}$`,
    );
    return [...names].some((name) => pattern.test(name));
  };
  return tests.filter((test) => !isThere(test));
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** Cases as a table of Markdown. */
export const tableOf = (cases: readonly Case[]): string =>
  [
    "| Case | What holds | Test |",
    "|---|---|---|",
    ...cases.map(([id, holds, ...tests]) => `| ${id} | ${cell(holds)} | ${tests.map(cell).join("<br>")} |`),
  ].join("\n");
