import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.js";

/** `npm run soak`: new seeds for as long as the files in test/ named *.soak.ts choose. */
export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", new ClosingLine()],
    include: ["test/**/*.soak.ts"],
    testTimeout: 0,
    hookTimeout: 0,
  },
});
