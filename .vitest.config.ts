import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.js";

// `cap` and `raw-socket` know only a process's main thread, hence forks everywhere.
export default defineConfig({
  test: {
    pool: "forks",
    globalSetup: "test/support/fresh-addon.ts",
    reporters: ["default", new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["test/**/*.test.ts"],
          exclude: ["test/interop/**"],
          // A test that starts a program takes seconds where everything else runs at the same time.
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real time and real namespaces, and mostly waiting: two files at a time, and nothing else beside them.
        extends: true,
        test: {
          name: "interop",
          include: ["test/interop/**/*.test.ts"],
          exclude: ["test/interop/native/**"],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Threads and sockets that keep times of milliseconds: alone.
        extends: true,
        test: {
          name: "native",
          include: ["test/interop/native/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
