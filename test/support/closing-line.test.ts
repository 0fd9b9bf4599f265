import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TestModule } from "vitest/node";
import { ClosingLine } from "./closing-line.js";

type State = "passed" | "failed" | "skipped";

/** The part of a test file's result that the reporter reads. */
const file = (name: string, states: readonly State[], errors: readonly string[] = []) =>
  ({
    relativeModuleId: name,
    errors: () => errors,
    children: { allSuites: () => [], allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  }) as unknown as TestModule;

function close(modules: readonly TestModule[], unhandled: readonly unknown[] = []) {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const before = process.exitCode;
  try {
    new ClosingLine().onTestRunEnd(modules, unhandled);
    return { lines: String(written.mock.lastCall?.[0]).trimEnd().split("\n"), exitCode: process.exitCode };
  } finally {
    process.exitCode = before;
    written.mockRestore();
  }
}

beforeEach(() => vi.stubEnv("CI", undefined));
afterEach(() => vi.unstubAllEnvs());

test("the last line counts what passed and what failed", () => {
  const { lines, exitCode } = close([file("a", ["passed", "failed"]), file("b", ["passed"])]);
  expect(lines).toEqual(["2 passed, 1 failed"]);
  expect(exitCode).toBe(1);
});

test("a run without failures leaves the exit code alone", () => {
  expect(close([file("a", ["passed"])])).toEqual({ lines: ["1 passed, 0 failed"], exitCode: process.exitCode });
});

test("a file that does not load and an error outside of tests count as failed", () => {
  expect(close([file("a", [], ["no such module"])], ["thrown later"]).lines).toEqual(["0 passed, 2 failed"]);
});

test("what was left out is named, and is a failure where CI is set", () => {
  const modules = [file("a", ["passed", "skipped", "skipped"])];
  expect(close(modules).lines).toContain("LEFT OUT: 2 of a");
  expect(close(modules).lines.at(-1)).toBe("1 passed, 0 failed");
  vi.stubEnv("CI", "true");
  const { lines, exitCode } = close(modules);
  expect(lines.at(-1)).toBe("1 passed, 2 failed");
  expect(exitCode).toBe(1);
});
