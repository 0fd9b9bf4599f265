import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BoundedWriter } from "../../src/daemon/log/bounded-writer.js";

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
    for (let at = 0; at < 400; at++) {
      writer.write(text);
      await new Promise(setImmediate);
    }
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
    // The reader is back: everything that was kept comes, and for the rest a note.
    const { dropped } = writer;
    await vi.waitFor(() => expect(drain() !== "" && writer.write("after\n")).toBe(true), {
      timeout: 4_000,
      interval: 5,
    });
    await vi.waitFor(() => expect(drain().endsWith("after\n")).toBe(true), { timeout: 4_000, interval: 5 });
    const notes = [...read.matchAll(/<(\d+) missing>/g)].map(([, count]) => Number(count));
    expect(read.match(/x\n/g)).toHaveLength(400 - dropped);
    // Trying to write "after" may have been in vain a few times.
    expect(notes.reduce((sum, count) => sum + count, 0)).toBe(writer.dropped);
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
