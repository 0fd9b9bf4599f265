import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BoundedWriter } from "../../src/daemon/bounded-writer.js";

const note = (missing: number): string => `<${missing} missing>`;

describe("the bounded writer", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-writer-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("writes all texts in order", async () => {
    const path = join(folder, "file");
    const writer = new BoundedWriter(openSync(path, "w"), 1_000_000, note);
    const texts = Array.from({ length: 1_000 }, (_, at) => `line ${at} ${"ö".repeat(at % 100)}\n`);
    for (const text of texts) expect(writer.write(text)).toBe(true);
    await writer.idle(5_000);
    expect(readFileSync(path, "utf8")).toBe(texts.join(""));
    expect(writer.dropped).toBe(0);
  });

  test("drops and counts what a full pipe does not take, and says so in its place", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const writer = new BoundedWriter(pipe, 100_000, note);
    const text = `${"x".repeat(999)}\n`;
    let taken = 0;
    // A pipe holds 64 KiB; what was handed to it no longer counts, so the writer is given time between the texts.
    for (let at = 0; at < 400; at++) {
      if (writer.write(text)) taken++;
      await new Promise(setImmediate);
    }
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(writer.dropped).toBe(400 - taken);
    expect(writer.dropped).toBeGreaterThan(200);

    let read = "";
    const buffer = Buffer.alloc(65_536);
    const drain = (): string => {
      try {
        read += buffer.toString("utf8", 0, readSync(pipe, buffer));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      return read;
    };
    await vi.waitFor(() => expect(drain().length).toBe(taken * 1_000), { timeout: 3_000, interval: 5 });
    const missing = writer.dropped;
    expect(writer.write("after\n")).toBe(true);
    await vi.waitFor(() => expect(drain()).toMatch(new RegExp(`<${missing} missing>after\n$`)), { interval: 5 });
    closeSync(pipe);
  });

  test("does not wait for ever for a reader", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const writer = new BoundedWriter(pipe, 1_000_000, note);
    writer.write("x".repeat(200_000));
    const start = performance.now();
    await writer.idle(100);
    expect(performance.now() - start).toBeLessThan(1_000);
    closeSync(pipe);
  });

  test("counts everything as dropped once writing fails", async () => {
    const writer = new BoundedWriter(openSync("/dev/full", "w"), 1_000, note);
    writer.write("one\n");
    await writer.idle(5_000);
    expect(writer.failure).toBe("ENOSPC");
    expect(writer.write("two\n")).toBe(false);
    expect(writer.dropped).toBe(2);
  });
});
