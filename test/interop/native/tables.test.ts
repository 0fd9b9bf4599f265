import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InterfaceIndex } from "../../../src/core/base/protocol.js";
import { fdbAddon } from "../../../src/linux/native/fdb.js";
import { type Netlink, netlinkAddon } from "../../../src/linux/native/netlink.js";
import { type LinuxTables, openTables } from "../../../src/linux/tables.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { inside, ipIn } from "../../support/namespace.js";

const BRIDGE = 10 as InterfaceIndex;
const ONE = 11 as InterfaceIndex;
const TWO = 12 as InterfaceIndex;
const GONE = 99 as InterfaceIndex;
const ALL_VLANS = new Uint8Array(512).fill(0xff);

/** A learned, a static and an externally learned entry on each of two ports. */
const ENTRIES = [11, 12].flatMap((port) => [
  { mac: `02:00:00:00:${port}:01`, port: `p${port}`, words: ["master", "dynamic"] },
  { mac: `02:00:00:00:${port}:02`, port: `p${port}`, words: ["master", "static"] },
  { mac: `02:00:00:00:${port}:03`, port: `p${port}`, words: ["master", "dynamic", "extern_learn"] },
]);

describe.runIf(isRoot)("the tables of a bridge", () => {
  let lab: Lab;
  let namespace: string;
  let tables: LinuxTables;
  let netlink: Netlink;
  let failures: string[];

  beforeEach(async () => {
    lab = new Lab();
    failures = [];
    namespace = await lab.namespace("x");
    await ipIn(namespace, "link", "add", "name", "br0", "index", `${BRIDGE}`, "type", "bridge");
    for (const port of [ONE, TWO]) {
      await ipIn(namespace, "link", "add", `p${port}`, "index", `${port}`, "type", "veth", "peer", `q${port}`);
      await ipIn(namespace, "link", "set", "dev", `q${port}`, "up");
      await ipIn(namespace, "link", "set", "dev", `p${port}`, "master", "br0", "up");
    }
    await ipIn(namespace, "link", "set", "dev", "br0", "up");
    for (const { mac, port, words } of ENTRIES)
      await run("bridge", ["-n", namespace, "fdb", "add", mac, "dev", port, ...words]);
    tables = inside(namespace, () => openTables({ refused: (_, text) => failures.push(text ?? "granted") }));
    netlink = inside(namespace, () => netlinkAddon().netlinkOpen()) as Netlink;
  });
  afterEach(async () => {
    tables.close();
    netlinkAddon().netlinkClose(netlink);
    await lab.close();
  });

  /** Of ENTRIES, those that are still there, as port and kind. */
  const left = async (): Promise<string[]> => {
    const text = await run("bridge", ["-n", namespace, "fdb", "show", "br", "br0"]);
    return ENTRIES.filter(({ mac }) => text.includes(mac)).map(({ port, words }) => `${port} ${words.at(-1)}`);
  };
  const KEPT = ["p11 static", "p11 extern_learn", "p12 static", "p12 extern_learn"];

  test("lose what was learned on the ports that are named, and nothing else", async () => {
    tables.flush({ bridge: BRIDGE, ports: [ONE], vlans: "all", above: [] });
    expect(await left()).toEqual(["p11 static", "p11 extern_learn", "p12 dynamic", "p12 static", "p12 extern_learn"]);
    tables.flush({ bridge: BRIDGE, ports: [ONE, TWO], vlans: "all", above: [] });
    expect(await left()).toEqual(KEPT);
    expect(failures).toEqual([]);
  });

  test("lose it whatever the VLANs are where the bridge filters none", async () => {
    tables.flush({ bridge: BRIDGE, ports: [ONE, TWO], vlans: [10, 20, 30, 40, 50, 60], above: [] });
    expect(await left()).toEqual(KEPT);
    expect(failures).toEqual([]);
  });

  test("lose the same when they are swept entry by entry, and it is told how many", async () => {
    expect(fdbAddon().fdbSweep(netlink, BRIDGE, ONE, undefined)).toBe(1);
    expect(fdbAddon().fdbSweep(netlink, BRIDGE, ONE, undefined)).toBe(0);
    expect(await left()).toEqual(["p11 static", "p11 extern_learn", "p12 dynamic", "p12 static", "p12 extern_learn"]);
  });

  test("lose nothing in a sweep of VLANs that the entries are not in", async () => {
    expect(fdbAddon().fdbSweep(netlink, BRIDGE, ONE, new Uint8Array(512))).toBe(0);
    expect(await left()).toHaveLength(ENTRIES.length);
    // An entry of a bridge that filters none is in VLAN 0.
    expect(fdbAddon().fdbSweep(netlink, BRIDGE, ONE, ALL_VLANS)).toBe(1);
  });

  test("are left alone without a word where the port has gone", async () => {
    tables.flush({ bridge: BRIDGE, ports: [GONE], vlans: "all", above: [] });
    expect(await left()).toHaveLength(ENTRIES.length);
    expect(failures).toEqual([]);
  });
});

describe.runIf(isRoot)("the neighbours of an interface", () => {
  let lab: Lab;
  let namespace: string;
  let netlink: Netlink;

  beforeEach(async () => {
    lab = new Lab();
    namespace = await lab.namespace("x");
    await ipIn(namespace, "link", "add", "p0", "index", `${ONE}`, "type", "veth", "peer", "q0");
    for (const end of ["p0", "q0"]) await ipIn(namespace, "link", "set", "dev", end, "up");
    await ipIn(namespace, "address", "add", "192.0.2.1/24", "dev", "p0");
    for (let host = 2; host < 6; host++) await neighbour(`192.0.2.${host}`, "reachable");
    await neighbour("192.0.2.6", "permanent");
    await neighbour("192.0.2.7", "reachable", "extern_learn");
    netlink = inside(namespace, () => netlinkAddon().netlinkOpen()) as Netlink;
  });
  afterEach(async () => {
    netlinkAddon().netlinkClose(netlink);
    await lab.close();
  });

  const neighbour = (address: string, state: string, ...words: string[]) =>
    ipIn(namespace, "neigh", "add", address, "lladdr", "02:00:00:00:00:09", "dev", "p0", "nud", state, ...words);
  const states = async (): Promise<{ [address: string]: string | undefined }> => {
    const all = JSON.parse(await ipIn(namespace, "-j", "neigh", "show", "dev", "p0")) as {
      dst: string;
      state: string[];
      lladdr?: string;
    }[];
    return Object.fromEntries(all.map(({ dst, state, lladdr }) => [dst, lladdr && state[0]]));
  };

  test("are asked, the first at once and the others when they are used, and stay known meanwhile", async () => {
    expect(fdbAddon().neighbourProbe(netlink, ONE, 2)).toBe(4);
    const after = await states();
    const asked = ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"].map((address) => after[address]);
    expect(asked.filter((state) => state === "PROBE")).toHaveLength(2);
    expect(asked.filter((state) => state === "STALE")).toHaveLength(2);
    expect(after["192.0.2.6"]).toBe("PERMANENT");
    expect(after["192.0.2.7"]).toBe("REACHABLE");
  });

  test("of an interface without any are none", () => {
    expect(fdbAddon().neighbourProbe(netlink, ONE + 1, 2)).toBe(0);
  });
});
