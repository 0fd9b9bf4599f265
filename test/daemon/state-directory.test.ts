import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deviceMac } from "../../src/daemon/state/device-mac.js";
import { nextEpoch } from "../../src/daemon/state/epoch.js";
import { holdStateDirectory } from "../../src/daemon/state/state-directory.js";

const MODULE = fileURLToPath(new URL("../../dist/daemon/state/state-directory.js", import.meta.url));

/** Another process that holds the directory once it has said so. */
function holder(path: string): Promise<ChildProcess> {
  const script = `
    const { holdStateDirectory } = await import(${JSON.stringify(MODULE)});
    await holdStateDirectory(${JSON.stringify(path)});
    console.log("held");
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => child.stdout.once("data", () => resolve(child)));
}

describe("the state directory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-state-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is made where it is missing, for its owner alone", async () => {
    const path = join(folder, "deep", "state");
    await holdStateDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, "lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  test("is refused while another process holds it, and free the moment that one is killed", async () => {
    const child = await holder(folder);
    await expect(holdStateDirectory(folder)).rejects.toThrow(
      `state directory ${folder}: held by another etrunkd (process ${child.pid}); stop it, or choose another with --state-dir`,
    );
    // Started at once, as a script does after kill -9: the kernel may still be closing the dead one's files.
    child.kill("SIGKILL");
    await holdStateDirectory(folder);
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  test("says why it cannot be used", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(holdStateDirectory(file)).rejects.toThrow(/^state directory .*; choose another with --state-dir$/);
    await expect(holdStateDirectory("/proc/nowhere")).rejects.toThrow(/^state directory .*; choose another/);
  });
});

function storeOf(text?: string) {
  const saved: string[] = [];
  return { saved, load: () => saved.at(-1) ?? text, save: (_: string, value: string) => void saved.push(value) };
}

describe("the epoch", () => {
  test("is the time of the start, and more than every one before it", () => {
    const store = storeOf();
    expect([nextEpoch(store, 100), nextEpoch(store, 200), nextEpoch(store, 50)]).toEqual([100, 200, 201]);
    expect(store.saved.at(-1)).toBe("201");
  });

  test.each(["", "x", "-5", "1e400", "1.5"])("begins anew from the unusable %j", (text) => {
    expect(nextEpoch(storeOf(text), 7)).toBe(7);
  });
});

describe("the device MAC", () => {
  test("is the given one, and nothing is stored", () => {
    const store = storeOf("02:00:00:00:00:01\n");
    expect(deviceMac(0x020000000007 as never, store)).toEqual({ mac: 0x020000000007, made: false });
    expect(store.saved).toEqual([]);
  });

  test("is the stored one", () => {
    expect(deviceMac(undefined, storeOf("02:00:00:00:00:01\n"))).toEqual({ mac: 0x020000000001, made: false });
  });

  test("is else a random one, unicast and locally administered, made once", () => {
    const store = storeOf();
    const { mac, made } = deviceMac(undefined, store);
    expect(made).toBe(true);
    expect(Math.floor(mac / 2 ** 40) & 3).toBe(2);
    expect(store.saved).toHaveLength(1);
    expect(deviceMac(undefined, store)).toEqual({ mac, made: false });
    expect(deviceMac(undefined, storeOf()).mac).not.toBe(mac);
  });

  test.each(["", "nonsense", "01:80:c2:00:00:02", "00:00:00:00:00:00"])("replaces the unusable stored %j", (text) => {
    const store = storeOf(text);
    const { mac, told } = deviceMac(undefined, store);
    expect(told).toContain("is not the MAC address of a device");
    expect(store.saved).toHaveLength(1);
    expect(mac).not.toBe(0);
  });
});
