import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { micros } from "../../src/core/base/time.js";
import { Log } from "../../src/daemon/log/log.js";

describe("the log", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-log-"));
    path = join(folder, "log");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lines = (): Record<string, unknown>[] =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test("has one line per event: constant text, and the event's own fields", async () => {
    const log = new Log("info", openSync(path, "w"));
    log.event({ event: "trunk-state", trunk: 3, from: "down", to: "up" }, micros(7));
    log.event({ event: "alarm", id: "0x0e010003", name: "hwTest", severity: "Minor", text: "why" }, micros(8));
    await log.flush(5_000);
    expect(lines()).toEqual([
      {
        level: 30,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        mono: 7,
        event: "trunk-state",
        trunk: 3,
        from: "down",
        to: "up",
        msg: "trunk state changed",
      },
      expect.objectContaining({ level: 40, event: "alarm", id: "0x0e010003", text: "why", msg: "alarm raised" }),
    ]);
  });

  test("names the documented notification of an event that has one", async () => {
    const log = new Log("info", openSync(path, "w"));
    const move = { from: "Backup", to: "Master" } as const;
    log.event({ event: "e-trunk-state", etrunk: 1, ...move, causation: "TIMEOUT" }, micros(7));
    log.event(
      { event: "member-state", etrunk: 1, type: "Eth-Trunk", id: 10, ...move, causation: "ETRUNK_MASTER" },
      micros(8),
    );
    const expected = { id: "0x0e020002", name: "hwETrunkExpectStateChange", text: "why" };
    log.event({ event: "alarm", severity: "Warning", ...expected }, micros(9));
    log.event({ event: "alarm-cleared", severity: "Warning", ...expected }, micros(10));
    log.event({ event: "alarm", severity: "Major", ...expected, name: "etrunkAttention" }, micros(11));
    await log.flush(5_000);
    expect(lines()).toMatchObject([
      { level: 40, ...move, etrunk: 1, trap: "hwETrunkStatusChange" },
      { level: 40, ...move, etrunk: 1, id: 10, trap: "hwETrunkMemberStatusChange" },
      { trap: "hwETrunkExpectStateChange" },
      { trap: "hwETrunkExpectStateResume" },
      expect.not.objectContaining({ trap: expect.anything() }),
    ]);
  });

  test("leaves out what is below its level", async () => {
    const log = new Log("warn", openSync(path, "w"));
    log.info("not this");
    log.warn("this", { reason: "why" });
    await log.flush(5_000);
    expect(lines()).toEqual([expect.objectContaining({ msg: "this", reason: "why" })]);
  });

  test("does not wait for a reader, and tells how many lines it missed", async () => {
    execFileSync("mkfifo", [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const log = new Log("info", pipe);
    const start = performance.now();
    for (let at = 0; at < 20_000; at++) log.info("a line", { at, filler: "x".repeat(100) });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(log.dropped).toBeGreaterThan(5_000);
    const flushed = performance.now();
    await log.flush(100);
    expect(performance.now() - flushed).toBeLessThan(1_000);

    let text = "";
    const buffer = Buffer.alloc(65_536);
    const read = (): number => {
      try {
        for (;;) text += buffer.toString("utf8", 0, readSync(pipe, buffer));
      } catch {
        return text.length;
      }
    };
    await vi.waitFor(() => expect(read()).toBeGreaterThan(1_000_000), { timeout: 5_000, interval: 5 });
    const missed = log.dropped;
    log.info("the reader is back");
    await vi.waitFor(() => expect(read() > 0 && text.includes("the reader is back")).toBe(true), { interval: 5 });
    expect(text).toContain(`"count":${missed},"msg":"log lines dropped"`);
    closeSync(pipe);
  });
});
