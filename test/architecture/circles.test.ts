import { expect, test, vi } from "vitest";
import { cruise } from "./cruise.js";
import { planted } from "./scratch.js";

// Each test runs a program over a tree.
vi.setConfig({ testTimeout: 60_000 });

/** The files of each circle that the rules refuse in a small tree of these files. */
async function circlesOf(files: Readonly<Record<string, string>>): Promise<string[][]> {
  const { violations } = await cruise(await planted(files));
  return violations
    .filter(({ rule }) => rule.name === "no circle")
    .map(({ cycle }) => cycle.map(({ name }) => name).sort());
}

test("a circle of values is refused", async () => {
  const found = await circlesOf({
    "src/core/base/a.ts": 'import { b } from "./b.js";\nexport const a = () => b;\n',
    "src/core/base/b.ts": 'import { a } from "./a.js";\nexport const b = () => a;\n',
  });
  expect(found).toEqual([["src/core/base/a.ts", "src/core/base/b.ts"]]);
});

test("a circle that only types close is refused", async () => {
  const found = await circlesOf({
    "src/core/base/a.ts": 'import type { B } from "./b.js";\nexport interface A { b: B }\n',
    "src/core/base/b.ts": 'import type { C } from "./c.js";\nexport interface B { c: C }\n',
    "src/core/base/c.ts": 'import { type A } from "./a.js";\nexport interface C { a: A }\n',
  });
  expect(found).toEqual([["src/core/base/a.ts", "src/core/base/b.ts", "src/core/base/c.ts"]]);
});

test("what is imported one way only is no circle", async () => {
  const found = await circlesOf({
    "src/core/base/a.ts": 'import type { B } from "./b.js";\nexport interface A { b: B }\n',
    "src/core/base/b.ts": "export interface B { c: number }\n",
  });
  expect(found).toEqual([]);
});
