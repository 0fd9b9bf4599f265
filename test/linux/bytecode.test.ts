import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../support/lab.js";

const native = resolve(import.meta.dirname, "../../native/bpf");
const header = readFileSync(join(native, "trunk-bytecode.h"), "utf8");

const clang = isInstalled("clang")
  ? /version (\d+)/.exec(execFileSync("clang", ["--version"], { encoding: "utf8" }))?.[1]
  : undefined;

describe("the bytecode of the data plane", () => {
  test("is of the source as it is now", () => {
    const source = ["trunk.h", "trunk.bpf.c"].map((name) => readFileSync(join(native, name), "utf8")).join("");
    expect(header).toContain(` * source ${createHash("sha256").update(source).digest("hex")}\n`);
  });

  // Another clang makes other code that does the same, so there is nothing to compare without this one.
  if (header.includes(` * clang ${clang}\n`)) {
    test("is what clang makes of the source", () => {
      const made = execFileSync(process.execPath, [join(native, "generate-bytecode.js"), "--print"], {
        encoding: "utf8",
      });
      expect(made).toBe(header);
    });
  }
});
