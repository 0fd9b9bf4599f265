import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { LinkState } from "../../../src/core/contract/host.js";
import { type Interfaces, openInterfaces } from "../../../src/linux/interfaces.js";
import { type LinkWatch, openLinkWatch } from "../../../src/linux/link-watch.js";
import { linkAddon } from "../../../src/linux/native/link.js";
import { netlinkAddon } from "../../../src/linux/native/netlink.js";
import { collect, isRoot, Lab, spawnIn, stop } from "../../support/lab.js";
import { inside, ipIn, makeVeth } from "../../support/namespace.js";

/** Where a link leads; nothing when it is gone already. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

describe.runIf(isRoot)("the link watch", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let watch: LinkWatch;
  let reports: LinkState[];
  let ours: Interfaces;
  let theirs: Interfaces;
  const refusals: string[] = [];
  const refused = (device: string, text: string | undefined) => void refusals.push(`${device}: ${text ?? "granted"}`);

  const openWatch = (): LinkWatch => {
    const opened = inside(near, () =>
      openLinkWatch({ changed: (link) => reports.push(link), readable: () => opened.drain() }),
    );
    return opened;
  };
  const last = (name: string): LinkState | undefined => reports.findLast((link) => link.name === name);
  const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 5_000, interval: 2 });

  beforeAll(async () => {
    lab = new Lab();
    near = await lab.namespace("n");
    far = await lab.namespace("f");
    ours = inside(near, () => openInterfaces({ refused }));
    theirs = inside(far, () => openInterfaces({ refused }));
    await makeVeth({ namespace: near, name: "a1", index: 11 }, { namespace: far, name: "b1", index: 51 });
    // Both ends have the same index: the kernel takes that for a plain NIC and reports its carrier late.
    await makeVeth({ namespace: near, name: "a2", index: 12 }, { namespace: far, name: "b2", index: 12 });
  });
  afterAll(async () => {
    ours?.close();
    theirs?.close();
    await lab?.close();
  });
  beforeEach(() => {
    reports = [];
    watch = openWatch();
  });
  afterEach(() => watch.close());

  test("reports every link there is in its first drain, and nothing before", () => {
    expect(watch.all()).toEqual([]);
    expect(watch.drain()).toBe(3);
    expect(reports.map(({ name }) => name).sort()).toEqual(["a1", "a2", "lo"]);
    expect(watch.all()).toEqual(reports);
    expect(watch.drain()).toBe(0);
  });

  test("says up, carrier, address, MTU, and no speed for a veth", async () => {
    await ipIn(near, "link", "set", "a1", "address", "02:00:00:00:00:a1", "mtu", "1400");
    watch.drain();
    expect(last("a1")).toEqual({
      index: 11,
      name: "a1",
      present: true,
      up: true,
      carrier: true,
      mac: 0x0200000000a1,
      mtu: 1_400,
      speed: 0,
    });
  });

  test("calls readable for the links that are there already", async () => {
    await until(() => expect(reports).toHaveLength(3));
  });

  test("reports admin state once per change, with the carrier gone", async () => {
    watch.drain();
    reports.length = 0;
    ours.set({ device: "a1", up: false });
    await until(() => expect(last("a1")?.up).toBe(false));
    expect(last("a1")?.carrier).toBe(false);
    ours.set({ device: "a1", up: true });
    await until(() => expect(last("a1")?.carrier).toBe(true));
    const states = reports.filter(({ name }) => name === "a1").map(({ up, carrier }) => `${up} ${carrier}`);
    expect(states.every((state, at) => state !== states[at - 1])).toBe(true);
  });

  test("reports carrier lost at the far end", async () => {
    watch.drain();
    theirs.set({ device: "b1", up: false });
    await until(() => expect(last("a1")).toMatchObject({ up: true, carrier: false }));
    theirs.set({ device: "b1", up: true });
    await until(() => expect(last("a1")).toMatchObject({ up: true, carrier: true }));
  });

  test("follows a rename, a deletion and the same name with a new index", async () => {
    watch.drain();
    await makeVeth({ namespace: near, name: "a3", index: 13 }, { namespace: far, name: "b3", index: 53 });
    await until(() => expect(last("a3")).toMatchObject({ index: 13, present: true, carrier: true }));
    watch.setPolled([13]);
    await ipIn(near, "link", "set", "a3", "name", "renamed");
    await until(() => expect(last("renamed")).toMatchObject({ index: 13, present: true, carrier: true }));
    // The carrier thread asks under the new name.
    theirs.set({ device: "b3", up: false });
    await until(() => expect(last("renamed")).toMatchObject({ present: true, carrier: false }));

    await ipIn(near, "link", "del", "renamed");
    await until(() =>
      expect(last("renamed")).toMatchObject({ index: 13, present: false, up: false, carrier: false, fate: "deleted" }),
    );
    expect(watch.all().some(({ index }) => index === 13)).toBe(false);
    await makeVeth({ namespace: near, name: "renamed", index: 14 }, { namespace: far, name: "b3", index: 53 });
    await until(() => expect(last("renamed")).toMatchObject({ index: 14, present: true, carrier: true }));
  });

  test("keeps the carrier of a link that is renamed, however late the event is read", async () => {
    watch.drain();
    watch.setPolled([14]);
    reports.length = 0;
    // The thread asks many times in between, under names that are no more.
    const names = [...Array.from({ length: 20 }, (_, n) => `late${n}`), "renamed"];
    let before = "renamed";
    for (const name of names) {
      execFileSync("ip", ["-n", near, "link", "set", before, "name", name]);
      before = name;
    }
    await until(() => expect(last("renamed")).toMatchObject({ index: 14 }));
    expect(reports.filter(({ carrier }) => !carrier)).toEqual([]);
  });

  test("reports a link that moves to another namespace as gone", async () => {
    watch.drain();
    await ipIn(near, "link", "set", "renamed", "netns", far);
    await until(() => expect(last("renamed")).toMatchObject({ index: 14, present: false, fate: "moved" }));
    await ipIn(far, "link", "set", "renamed", "netns", near);
    await until(() => expect(last("renamed")).toMatchObject({ index: 14, present: true }));
    await ipIn(near, "link", "del", "renamed");
  });

  test("does not take a bridge's copies for links without carrier", async () => {
    await ipIn(near, "link", "add", "br0", "type", "bridge");
    await ipIn(near, "link", "set", "a1", "master", "br0");
    watch.drain();
    reports.length = 0;
    await ipIn(near, "link", "set", "br0", "up");
    await ipIn(near, "link", "set", "a1", "type", "bridge_slave", "cost", "7");
    await until(() => expect(last("br0")?.carrier).toBe(true));
    expect(reports.filter(({ name, carrier }) => name === "a1" && !carrier)).toEqual([]);
    await ipIn(near, "link", "del", "br0");
  });

  test("makes good what got lost: after an overrun it knows every link again", async () => {
    watch.drain();
    // More than the queue of events holds (8 MiB with their overhead), unread.
    const flips = 12_000;
    for (let flip = 0; flip < flips; flip++) ours.set({ device: "a1", alias: `${flip % 2}`.repeat(200) });
    await ipIn(near, "link", "del", "a2");
    await ipIn(near, "link", "set", "a1", "mtu", "1300");
    watch.drain();
    expect(watch.all().map(({ name, mtu }) => `${name} ${mtu}`)).toEqual(["lo 65536", "a1 1300"]);
    await makeVeth({ namespace: near, name: "a2", index: 12 }, { namespace: far, name: "b2", index: 12 });
  });

  describe("of a veth with the same index at both ends", () => {
    const EDGES = 6;

    /** Flips the far end EDGES times, each as soon as the last was reported; returns what each took, in milliseconds. */
    const flip = async (): Promise<number[]> => {
      const took: number[] = [];
      for (let edge = 0; edge < EDGES; edge++) {
        const start = performance.now();
        theirs.set({ device: "b2", up: edge % 2 === 1 });
        await until(() => expect(last("a2")?.carrier).toBe(edge % 2 === 1));
        took.push(performance.now() - start);
      }
      return took;
    };
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

    test("sees each edge long before the kernel's own event would tell", async () => {
      watch.drain();
      const alone = await flip();
      // The trap is there: events alone come at a rate of about one a second.
      expect(sum(alone)).toBeGreaterThan(1_000);
      watch.setPolled([12]);
      for (let round = 0; round < 3; round++) {
        const asked = await flip();
        for (const edge of asked) expect(edge).toBeLessThan(300);
        expect(sum(asked)).toBeLessThan(sum(alone) / 3);
      }
    });

    test("makes the kernel release the event it held back", async () => {
      watch.drain();
      const other: LinkState[] = [];
      const events = inside(near, () =>
        openLinkWatch({ changed: (link) => other.push(link), readable: () => events.drain() }),
      );
      events.drain();
      watch.setPolled([12]);
      for (let edge = 0; edge < EDGES; edge++) {
        const carrier = edge % 2 === 1;
        theirs.set({ device: "b2", up: carrier });
        await vi.waitFor(() => expect(other.at(-1)).toMatchObject({ name: "a2", carrier }), {
          timeout: 300,
          interval: 2,
        });
      }
      events.close();
    });

    test("where sysfs is the namespace's own, follows the kernel's count of carrier changes", async () => {
      const script = fileURLToPath(new URL("../../support/link-watch-process.js", import.meta.url));
      const watching = spawnIn(near, [process.execPath, script, "12"], { stdio: ["ignore", "pipe", "inherit"] });
      const output = collect(watching.stdout);
      const said = (): LinkState[] =>
        output()
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line));
      const counters = (): string[] =>
        readdirSync(`/proc/${watching.pid}/fd`)
          .flatMap((fd) => linkOf(`/proc/${watching.pid}/fd/${fd}`))
          .filter((path) => path.endsWith("/carrier_changes"));
      const follows = async (): Promise<void> => {
        await until(() => expect(said().at(-1)).toMatchObject({ present: true, carrier: true }));
        await until(() => expect(counters()).toHaveLength(1));
        for (const carrier of [false, true, false, true]) {
          const start = performance.now();
          theirs.set({ device: "b2", up: carrier });
          await until(() => expect(said().at(-1)).toMatchObject({ name: "a2", carrier }));
          expect(performance.now() - start).toBeLessThan(300);
        }
      };
      await follows();
      await ipIn(near, "link", "del", "a2");
      await until(() => expect(said().at(-1)?.present).toBe(false));
      await makeVeth({ namespace: near, name: "a2", index: 12 }, { namespace: far, name: "b2", index: 12 });
      await follows();
      await stop(watching);
    });

    test("looks now and then at a link whose events come at once, each millisecond at others", async () => {
      const script = fileURLToPath(new URL("../../support/link-watch-process.js", import.meta.url));
      const watching = [11, 12].map((index) =>
        spawnIn(near, [process.execPath, script, String(index)], { stdio: ["ignore", "pipe", "inherit"] }),
      );
      try {
        const outputs = watching.map(({ stdout }) => collect(stdout));
        await until(() => outputs.forEach((output) => void expect(output()).toContain('"carrier":true')));
        // Waits of all threads; but for the one that looks they sleep.
        const waits = (): number[] =>
          watching.map(({ pid }) =>
            readdirSync(`/proc/${pid}/task`)
              .map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, "utf8"))
              .map((status) => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]))
              .reduce((sum, count) => sum + count, 0),
          );
        const before = waits();
        const since = (at: number): number => (waits()[at] ?? 0) - (before[at] ?? 0);
        await until(() => expect(since(1)).toBeGreaterThan(1_000));
        expect(since(0)).toBeLessThan(since(1) / 5);
      } finally {
        for (const each of watching) await stop(each);
      }
    });

    test("goes on asking when the interface is made anew under its index", async () => {
      watch.drain();
      watch.setPolled([12]);
      await ipIn(near, "link", "del", "a2");
      await until(() => expect(last("a2")?.present).toBe(false));
      await makeVeth({ namespace: near, name: "a2", index: 12 }, { namespace: far, name: "b2", index: 12 });
      await until(() => expect(last("a2")).toMatchObject({ present: true, carrier: true }));
      for (const edge of await flip()) expect(edge).toBeLessThan(300);
    });
  });

  test("does what it is asked of an interface, and tells what it cannot", async () => {
    ours.set({ device: "a1", alias: "to the other side" });
    expect(await ipIn(near, "link", "show", "a1")).toContain("alias to the other side");
    ours.set({ device: "a1", up: false, alias: "" });
    const shown = await ipIn(near, "link", "show", "a1");
    expect(shown).toContain("state DOWN");
    expect(shown).not.toContain("alias");
    expect(refusals).toEqual([]);
    // The kernel keeps 255 octets of an alias; a description may have more, and no character is cut in two.
    ours.set({ device: "a1", alias: `x${"é".repeat(200)}` });
    expect(await ipIn(near, "link", "show", "a1")).toMatch(/alias xé{127}$/m);
    expect(refusals).toEqual([]);
    // An interface that is gone refuses nothing.
    ours.set({ device: "nothing", up: true });
    expect(refusals).toEqual([]);
    // A macvlan with the address of what it lies on does not come up.
    await ipIn(near, "link", "add", "link", "a1", "name", "twin", "address", "02:00:00:00:0a:01", "type", "macvlan");
    await ipIn(near, "link", "set", "a1", "address", "02:00:00:00:0a:01");
    ours.set({ device: "a1", up: true });
    for (const up of [true, true, false]) ours.set({ device: "twin", up });
    expect(refusals).toEqual(["twin: admin state up: EADDRINUSE", "twin: granted"]);
  });

  test("sets address and MTU and reads a link by name", () => {
    const native = linkAddon();
    const netlink = inside(near, () => netlinkAddon().netlinkOpen());
    if (typeof netlink === "number") throw new Error(`errno ${-netlink}`);
    expect(native.linkSet(netlink, "a1", { mac: 0x0200000000b7, mtu: 1_280 })).toBe(0);
    expect(native.linkGet(netlink, "a1")).toMatchObject({ index: 11, mac: 0x0200000000b7, mtu: 1_280, kind: "veth" });
    expect(native.linkSet(netlink, "a1", { mtu: 1 })).toBe(-22);
    expect(native.linkGet(netlink, "nothing")).toBe(-19);
    netlinkAddon().netlinkClose(netlink);
    expect(native.linkGet(netlink, "a1")).toBe(-9);
  });
});
