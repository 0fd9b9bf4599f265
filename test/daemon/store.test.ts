import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Store } from "../../src/daemon/state/store.js";

describe("the store", () => {
  let folder: string;
  let failures: string[];
  let store: Store;
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-store-"));
    failures = [];
    store = new Store(folder);
    store.follow((name, reason) => failures.push(`${name}: ${reason ?? "written"}`));
  });
  afterEach(async () => {
    store.flush();
    // A write under way may add a file meanwhile.
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
  });

  test("loads nothing where nothing was saved", () => {
    expect(store.load("epoch")).toBeUndefined();
  });

  test("writes behind, readable by its owner alone", async () => {
    store.save("epoch", "1\n");
    await vi.waitFor(() => expect(read("epoch")).toBe("1\n"));
    expect(statSync(join(folder, "epoch")).mode & 0o777).toBe(0o600);
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual(["epoch"]));
  });

  test("loads what was saved before it is written, and from another store after", async () => {
    store.save("epoch", "2\n");
    expect(store.load("epoch")).toBe("2\n");
    await vi.waitFor(() => expect(new Store(folder).load("epoch")).toBe("2\n"));
  });

  test("writes only the last of what is saved faster than it can be written", async () => {
    for (let n = 0; n < 1_000; n++) store.save("checkpoint", `${n}`.repeat(10_000));
    await vi.waitFor(() => expect(read("checkpoint")).toBe("999".repeat(10_000)));
  });

  test("never shows a reader a part of a text", async () => {
    const texts = ["a".repeat(500_000), "b".repeat(500_000)];
    let last = "";
    for (let n = 0; n < 40; n++) {
      last = texts[n % 2] ?? "";
      store.save("checkpoint", last);
      await new Promise((resolve) => setImmediate(resolve));
      const seen = store.load("checkpoint");
      expect(texts).toContain(seen);
      if (readdirSync(folder).includes("checkpoint")) expect(texts).toContain(read("checkpoint"));
    }
    await vi.waitFor(() => expect(read("checkpoint")).toBe(last));
  });

  test("flush writes what waits before it returns, and nothing older comes after it", async () => {
    for (let n = 0; n < 20; n++) {
      store.save("checkpoint", `old ${n}`.repeat(50_000));
      await new Promise((resolve) => setImmediate(resolve));
      store.save("checkpoint", `new ${n}`);
      store.flush();
      expect(read("checkpoint")).toBe(`new ${n}`);
      store.save("other", `${n}`);
      await vi.waitFor(() => expect(read("other")).toBe(`${n}`), { interval: 2 });
      expect(read("checkpoint")).toBe(`new ${n}`);
    }
  });

  test("never goes back behind what was saved at once, whatever is saved after it", async () => {
    for (let n = 0; n < 20; n++) {
      store.save("record", `old ${n}`.repeat(50_000));
      await new Promise((resolve) => setImmediate(resolve));
      store.saveNow("record", `now ${n}`);
      store.save("record", `later ${n}`.repeat(50_000));
      for (let seen = "now"; seen !== "later"; [seen = ""] = read("record").split(" ")) {
        expect(seen).toBe("now");
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual(["record"]));
  });

  test("what is kept is in place at once", () => {
    for (const text of ["1", "2"]) {
      store.keep("epoch", text);
      expect([read("epoch"), store.load("epoch")]).toEqual([text, text]);
    }
    rmSync(join(folder, "epoch"));
    mkdirSync(join(folder, "epoch", "in the way"), { recursive: true });
    store.keep("epoch", "3");
    expect(failures).toHaveLength(1);
    rmSync(join(folder, "epoch"), { recursive: true });
  });

  test("writes the same text again that was overtaken on its way", async () => {
    store.save("record", "old");
    await new Promise((resolve) => setImmediate(resolve));
    store.saveNow("record", "now");
    store.save("record", "old");
    await vi.waitFor(() => expect(read("record")).toBe("old"));
  });

  test("tells a failure and writes again with the next text", async () => {
    mkdirSync(join(folder, "epoch"));
    writeFileSync(join(folder, "epoch", "in the way"), "");
    store.save("epoch", "1");
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    expect(failures[0]).toMatch(/^epoch: .*E(ISDIR|EXIST|NOTEMPTY)/);
    rmSync(join(folder, "epoch"), { recursive: true });
    store.save("epoch", "2");
    await vi.waitFor(() => expect(failures).toEqual([failures[0], "epoch: written"]));
    await vi.waitFor(() => expect(read("epoch")).toBe("2"));
  });

  test("writes a text that was refused again, until it is there", async () => {
    mkdirSync(join(folder, "epoch", "in the way"), { recursive: true });
    store.save("epoch", "1");
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    store.keep("epoch", "2");
    rmSync(join(folder, "epoch"), { recursive: true });
    await vi.waitFor(() => expect(failures.at(-1)).toBe("epoch: written"), 5_000);
    expect(read("epoch")).toBe("2");
  });

  test("waits 20 ms for a disk that hangs, then says that it is slow and goes on, until it is not", async () => {
    // Who opens a pipe that nobody reads hangs as on a disk that does not answer.
    const pipe = join(folder, "checkpoint.last");
    execFileSync("mkfifo", [pipe]);
    store.keep("checkpoint", "first");
    expect(failures).toEqual([]);
    store.keep("checkpoint", "second");
    expect(failures).toEqual([expect.stringMatching(/^checkpoint: the disk takes longer than 20 ms/)]);
    store.keep("checkpoint", "last");
    store.save("other", "behind it");
    // A reader lets the first one through.
    readFileSync(pipe);
    await vi.waitFor(() => expect(failures.filter((text) => text.endsWith(": written"))).not.toEqual([]), 5_000);
    expect([read("checkpoint"), read("other")]).toEqual(["last", "behind it"]);
    // Each name that was late is told to be written again.
    const isWritten = (text: string): boolean => text.endsWith(": written");
    await vi.waitFor(() => expect(failures.filter(isWritten).length * 2).toBe(failures.length), 5_000);
  });

  test("tells nothing of one write that was late, and asks again for one that stays late", async () => {
    const pipe = join(folder, "checkpoint.last");
    // The pipe itself gets the name, until the text is asked for again.
    const isWritten = (text: string) => statSync(join(folder, "checkpoint")).isFile() && read("checkpoint") === text;
    execFileSync("mkfifo", [pipe]);
    store.keep("checkpoint", "first");
    readFileSync(pipe);
    await vi.waitFor(() => expect(isWritten("first")).toBe(true), 5_000);
    expect(failures).toEqual([]);
    execFileSync("mkfifo", [pipe]);
    store.keep("checkpoint", "second");
    await vi.waitFor(() => expect(failures).toEqual([expect.stringMatching(/^checkpoint: the disk takes/)]), 5_000);
    readFileSync(pipe);
    await vi.waitFor(() => expect(failures).toEqual([failures[0], "checkpoint: written"]), 5_000);
    await vi.waitFor(() => expect(isWritten("second")).toBe(true), 5_000);
  });
});
