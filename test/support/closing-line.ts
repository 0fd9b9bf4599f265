import type { Reporter, TestModule } from "vitest/node";

interface Tally {
  passed: number;
  failed: number;
  /** Number of tests that did not run, by file. */
  readonly leftOut: Map<string, number>;
}

function count(modules: readonly TestModule[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, leftOut: new Map() };
  for (const module of modules) {
    // A file that does not load has errors and no tests, and must not count as an empty one.
    if (module.errors().length > 0) tally.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) tally.failed++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") tally.passed++;
      else if (state === "failed") tally.failed++;
      else tally.leftOut.set(module.relativeModuleId, (tally.leftOut.get(module.relativeModuleId) ?? 0) + 1);
    }
  }
  return tally;
}

/**
 * Ends a run with the line `N passed, N failed`, which any CI can read, and before it names every file of which tests were
 * left out. With CI set a left-out test fails the run: there nothing may be missing.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { passed, failed, leftOut } = count(modules);
    const missing = process.env.CI ? [...leftOut.values()].reduce((sum, n) => sum + n, 0) : 0;
    const lines = [...leftOut].map(([file, tests]) => `LEFT OUT: ${tests} of ${file}`);
    if (leftOut.size > 0 && process.getuid?.() !== 0) lines.push("LEFT OUT because this is not root: run it as root.");
    if (missing > 0) lines.push(`${missing} left-out tests count as failed, for CI is set.`);
    const bad = failed + unhandledErrors.length + missing;
    process.stdout.write(`${[...lines, `${passed} passed, ${bad} failed`].join("\n")}\n`);
    if (bad > 0) process.exitCode = 1;
  }
}
