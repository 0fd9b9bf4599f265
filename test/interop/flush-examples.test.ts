import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { readFlush } from "../support/flush-frames.js";
import { bridge, flushCounters, joined } from "../support/flush-lab.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { Capture } from "./peers/raw-frames.js";

const PATIENCE = { timeout: 15_000, interval: 20 };
const LINKS = ["eth1", "eth2"] as const;
const LEARNED = ["02:00:00:00:01:01 dev eth1", "02:00:00:00:02:01 dev eth2"];

const example = (name: string): string => readFileSync(new URL(`../../examples/${name}.cfg`, import.meta.url), "utf8");

describe.runIf(isRoot)("the example of a device between, which is a Linux bridge and no trunk", () => {
  let lab: Lab;
  let between: string;
  let daemons: { readonly end: Daemon; readonly between: Daemon };

  beforeAll(async () => {
    lab = new Lab();
    const end = await lab.namespace("e");
    between = await lab.namespace("b");
    for (const link of LINKS) await joined(end, link, between, link);
    await bridge(between, LINKS);
    const start = (namespace: string, name: string) =>
      Daemon.start({ namespace, folder: join(lab.folder, name), configuration: example(name) });
    // First the one that listens.
    const listening = await start(between, "flush-between");
    daemons = { between: listening, end: await start(end, "backup-end") };
    await vi.waitUntil(async () => (await flushCounters(daemons.end))["Eth-Trunk1"]?.sent === 3, PATIENCE);
  });
  afterAll(async () => {
    for (const daemon of Object.values(daemons ?? {})) await daemon.stop();
    await lab.close();
  });

  const learned = async (): Promise<string[]> => {
    const text = await run("bridge", ["-n", between, "fdb", "show", "br", "br0"]);
    return LEARNED.filter((entry) => text.includes(entry));
  };

  test("forgets what both its ports learned when the end switches, and passes the frame on in its VLAN", async () => {
    for (const entry of LEARNED)
      await run("bridge", ["-n", between, "fdb", "add", ...entry.split(" "), "master", "dynamic"]);
    expect(await learned()).toEqual(LEARNED);
    const capture = await Capture.start(lab, between, "eth1", ["ether", "dst", "01:0f:e2:00:00:04"]);
    const { code } = await daemons.end.control("protect-switch", "eth-trunk", "1");
    expect(code).toBe(0);
    await vi.waitUntil(async () => (await learned()).length === 0, PATIENCE);
    await vi.waitUntil(() => capture.frames().length === 3, PATIENCE);
    await capture.stop();
    const passed = capture.frames().map(({ bytes }) => readFlush(bytes));
    expect(passed).toMatchObject(
      [4, 5, 6].map((sequence) => ({ tag: 5, controlVlan: 5, vlans: [1, 5, 10], sequence })),
    );
    const { stdout } = await daemons.between.control("display", "smart-link", "flush");
    expect(stdout).toMatch(/^Receive last flush interface: +GigabitEthernet0\/1\/2$/m);
    expect(stdout).toMatch(/^Receive last flush packet control VLAN ID: +5$/m);
    const { interfaces } = JSON.parse(
      (await daemons.between.control("--json", "display", "smart-link", "flush")).stdout,
    );
    expect(interfaces[1]).toMatchObject({
      name: "GigabitEthernet0/1/2",
      received: 3,
      sent: 0,
      dropped: 0,
      lastInterface: "GigabitEthernet0/1/2",
      lastTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      lastSource: passed[2]?.source,
      lastControlVlan: 5,
    });
  });

  test("runs no trunk and makes no device, and the bridge stays when it ends", async () => {
    const links = await run("ip", ["-n", between, "-br", "link", "show"]);
    expect(links.match(/^[^ @\n]+/gm)).toEqual(["lo", "br0", "eth1", "eth2"]);
    await daemons.between.stop();
    const ports = await run("ip", ["-n", between, "-br", "link", "show", "master", "br0"]);
    expect(ports.match(/^eth\d/gm)).toEqual(LINKS);
  });
});
