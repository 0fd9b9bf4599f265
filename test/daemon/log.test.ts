import { execFileSync } from "node:child_process";
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { micros } from "../../src/core/base/time.js";
import { isJournal, Log } from "../../src/daemon/log/log.js";

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
    const log = new Log("info", { descriptor: openSync(path, "w") });
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

  test("gives an alarm the level of its severity, which is a field of the line", async () => {
    const log = new Log("info", { descriptor: openSync(path, "w") });
    const alarm = { id: "0x1", name: "x", text: "why" };
    for (const severity of ["Critical", "Major", "Minor", "Warning"] as const) {
      log.event({ event: "alarm", severity, ...alarm }, micros(1));
      log.event({ event: "alarm-cleared", severity, ...alarm }, micros(2));
    }
    await log.flush(5_000);
    expect(lines().map(({ level, event, severity }) => [level, event, severity])).toEqual([
      [50, "alarm", "Critical"],
      [30, "alarm-cleared", "Critical"],
      [40, "alarm", "Major"],
      [30, "alarm-cleared", "Major"],
      [40, "alarm", "Minor"],
      [30, "alarm-cleared", "Minor"],
      [40, "alarm", "Warning"],
      [30, "alarm-cleared", "Warning"],
    ]);
  });

  test("begins with its priority where it goes to the journal", async () => {
    const log = new Log("info", { descriptor: openSync(path, "w"), isJournal: true });
    log.info("one");
    log.warn("two");
    log.error("three");
    log.fatal("four");
    await log.flush(5_000);
    const texts = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(texts.map((line) => line.slice(0, 3))).toEqual(["<6>", "<4>", "<3>", "<2>"]);
    expect(texts.map((line) => (JSON.parse(line.slice(3)) as { msg: string }).msg)).toEqual([
      "one",
      "two",
      "three",
      "four",
    ]);
  });

  test("knows the journal by the device and inode of its descriptor", () => {
    const descriptor = openSync(path, "w");
    const { dev, ino } = fstatSync(descriptor);
    expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, descriptor)).toBe(true);
    expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino + 1}` }, descriptor)).toBe(false);
    expect(isJournal({}, descriptor)).toBe(false);
    closeSync(descriptor);
  });

  test("names the documented notification of an event that has one", async () => {
    const log = new Log("info", { descriptor: openSync(path, "w") });
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
    const log = new Log("warn", { descriptor: openSync(path, "w") });
    log.info("not this");
    log.warn("this", { reason: "why" });
    await log.flush(5_000);
    expect(lines()).toEqual([expect.objectContaining({ msg: "this", reason: "why" })]);
  });

  test("does not wait for a reader, and tells how many lines it missed", async () => {
    execFileSync("mkfifo", [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const log = new Log("info", { descriptor: pipe });
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
