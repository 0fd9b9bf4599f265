import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { PortView } from "../../src/core/parts/trunks/questions.js";
import { Stream, type Traffic } from "../../src/lab/traffic.js";
import { Daemon } from "../support/daemon.js";
import { type BackendName, interfaceState, leftovers, runIn } from "../support/forwarding.js";
import { isRoot, Lab } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";
import { addressesOf, linkNames } from "../support/network.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
/** Root that may not call bpf(). */
const WRAPPERS: { readonly [backend in BackendName]: readonly string[] } = {
  ebpf: [],
  nftables: ["setpriv", "--bounding-set=-bpf,-sys_admin"],
};
const PATIENCE = { timeout: 20_000, interval: 50 };
/** Enough for every flow to come by often. */
const MANY = 500;
const BROADCAST = "ff:ff:ff:ff:ff:ff";

const text = (name: string, host: number, members: readonly string[], ...more: readonly string[]): string =>
  [
    `sysname ${name}`,
    ...["interface Eth-Trunk1", " mode lacp-static", " lacp timeout fast", ` ip address 10.9.0.${host} 24`],
    ...members.flatMap((member) => [`interface ${member}`, " eth-trunk 1"]),
    ...more,
    "",
  ].join("\n");

/** Twelve flows, two frames a millisecond. */
const stream = (host: number, from: string, to: string): Promise<Stream> => {
  const source = `02:00:00:00:00:0${host}`;
  const spec = { from: "eth-trunk1", to: "eth-trunk1", source, flows: Array(12).fill(BROADCAST), burst: 2 };
  return Stream.start(spec, from, to);
};

describe.runIf(isRoot).each(BACKENDS)("what an operator does to members' interfaces under load (%s)", (backend) => {
  let lab: Lab;
  let near: string;
  let far: string;
  let elsewhere: string;
  let daemon: Daemon;
  let partner: Daemon;
  let streams: Stream[] = [];

  const veth = (at: number): Promise<void> =>
    makeVeth(
      { namespace: near, name: `eth${at}`, index: 100 + at },
      { namespace: far, name: `eth${at}`, index: 200 + at },
    );
  const ALL = ["eth1", "eth2", "eth3"];

  beforeAll(async () => {
    lab = new Lab();
    [near, far, elsewhere] = [await lab.namespace("n"), await lab.namespace("f"), await lab.namespace("e")];
    for (const at of [1, 2, 3]) await veth(at);
    const start = (namespace: string, configuration: string, wrapper: readonly string[]) =>
      Daemon.start({ namespace, folder: join(lab.folder, namespace), configuration, wrapper });
    [daemon, partner] = await Promise.all([
      start(near, text("PE", 1, ALL), WRAPPERS[backend]),
      start(far, text("CE", 2, ALL), []),
    ]);
    await allCarry();
    streams = [await stream(1, near, far), await stream(2, far, near)];
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(daemon.log, partner.log);
  });
  afterAll(async () => {
    for (const each of streams) await each.stop();
    await daemon?.stop();
    await partner?.stop();
    await lab.close();
  });

  const ports = async (of: Daemon): Promise<ReadonlyMap<string, PortView>> =>
    new Map((await of.trunk()).ports.map((port) => [port.name, port]));
  /** Both ends carry by all three. */
  const allCarry = (): Promise<void> =>
    vi.waitFor(async () => {
      for (const of of [daemon, partner]) {
        const now = await ports(of);
        for (const name of ALL) expect([name, now.get(name)?.status]).toEqual([name, "Selected"]);
      }
    }, PATIENCE);
  /** The display says this of a member, and the others carry at both ends. */
  const shows = async (name: string, reason: string): Promise<void> => {
    await vi.waitFor(async () => {
      const [here, there] = [await ports(daemon), await ports(partner)];
      expect(here.get(name)).toMatchObject({ status: "Unselect", reason });
      expect(there.get(name)).toMatchObject({ distributing: false });
      for (const other of ALL)
        if (other !== name) expect([other, here.get(other)?.distributing]).toEqual([other, true]);
    }, PATIENCE);
    const { stdout } = await daemon.control("display", "eth-trunk", "1");
    expect(stdout).toContain(`\nNot carrying              Reason\n${name}                      ${reason}\n`);
  };
  /** From now on every frame arrives, in both directions. */
  const flows = async (): Promise<void> => {
    for (const each of streams) {
      await each.mark();
      const total: Traffic[] = [];
      while (total.reduce((sum, { sent }) => sum + sent, 0) < MANY) total.push(await each.mark());
      expect(total.reduce((sum, { lost }) => sum + lost, 0)).toBe(0);
      expect(total.every(({ flowing }) => flowing)).toBe(true);
    }
  };

  test("taken down: the others carry, and it carries again when it is up", async () => {
    await ipIn(near, "link", "set", "dev", "eth2", "down");
    await shows("eth2", "administratively down");
    await flows();
    await ipIn(near, "link", "set", "dev", "eth2", "up");
    await allCarry();
    await ipIn(far, "link", "set", "dev", "eth2", "down");
    await shows("eth2", "link down");
    await flows();
    await ipIn(far, "link", "set", "dev", "eth2", "up");
    await allCarry();
    await flows();
  });

  test("removed by the configuration nothing is lost; it can be added back, and shut down", async () => {
    for (const each of streams) await each.mark();
    daemon.configure(text("PE", 1, ["eth1", "eth3"]));
    await vi.waitFor(async () => {
      expect([...(await ports(daemon)).keys()]).toEqual(["eth1", "eth3"]);
      expect((await ports(partner)).get("eth2")).toMatchObject({ status: "Unselect", distributing: false });
      expect(await interfaceState(near, "eth2")).toMatchObject({ promiscuous: false, arpIgnore: "0" });
    }, PATIENCE);
    for (const each of streams) expect(await each.mark()).toMatchObject({ lost: 0, flowing: true });
    daemon.configure(text("PE", 1, ALL));
    await allCarry();
    await flows();
    daemon.configure(text("PE", 1, ALL, "interface eth2", " shutdown"));
    await shows("eth2", "shut down");
    await flows();
    daemon.configure(text("PE", 1, ALL));
    await allCarry();
    await flows();
  });

  test("renamed: its partner is told, and it carries again under its name", async () => {
    await ipIn(near, "link", "set", "dev", "eth2", "name", "uplink");
    await shows("eth2", "interface renamed to uplink");
    await flows();
    // It is nobody's business of ours any more.
    await vi.waitFor(
      async () => expect(await interfaceState(near, "uplink")).toMatchObject({ promiscuous: false }),
      PATIENCE,
    );
    await ipIn(near, "link", "set", "dev", "uplink", "name", "eth2");
    await allCarry();
    await flows();
  });

  test("moved to another network namespace and back", async () => {
    await ipIn(near, "link", "set", "dev", "eth2", "netns", elsewhere);
    await shows("eth2", "interface moved to another network namespace");
    await flows();
    // It comes back down; the configuration has it up.
    await ipIn(elsewhere, "link", "set", "dev", "eth2", "netns", near);
    await allCarry();
    await flows();
  });

  test("deleted and made anew, another one meanwhile in its place", async () => {
    await ipIn(near, "link", "del", "dev", "eth2");
    await shows("eth2", "interface deleted");
    await flows();
    await ipIn(near, "link", "add", "eth2", "type", "veth", "peer", "name", "spare");
    await ipIn(near, "link", "set", "dev", "spare", "up");
    await shows("eth2", "no partner heard");
    await flows();
    await ipIn(near, "link", "del", "dev", "eth2");
    await veth(2);
    await allCarry();
    await flows();
  });

  test("one interface after the other, and all at once", async () => {
    for (const at of [1, 2, 3]) {
      await ipIn(near, "link", "set", "dev", `eth${at}`, "down");
      await ipIn(near, "link", "set", "dev", `eth${at}`, "name", `other${at}`);
    }
    await vi.waitFor(async () => expect(await daemon.trunk()).toMatchObject({ operState: "down" }), PATIENCE);
    for (const at of [1, 2, 3]) {
      await ipIn(near, "link", "set", "dev", `other${at}`, "name", `eth${at}`);
      await ipIn(near, "link", "set", "dev", `eth${at}`, "up");
    }
    await allCarry();
    await flows();
    for (const at of [1, 2, 3]) await ipIn(far, "link", "del", "dev", `eth${at}`);
    await vi.waitFor(async () => expect(await partner.trunk()).toMatchObject({ operState: "down" }), PATIENCE);
    for (const at of [1, 2, 3]) await veth(at);
    await allCarry();
    await flows();
  });

  test("an interface the data plane cannot take counts as down, and the display says why", async () => {
    const second = ["interface Eth-Trunk2", "interface lo", " eth-trunk 2"];
    await ipIn(near, "link", "set", "dev", "lo", "up");
    daemon.configure(text("PE", 1, ALL, ...second));
    await vi.waitFor(async () => {
      expect(await daemon.trunk(2)).toMatchObject({
        operState: "down",
        ports: [{ status: "Down", reason: "data plane: lo is no Ethernet interface" }],
      });
      expect((await daemon.alarms()).filter((each) => each.startsWith("Eth-Trunk2 lo"))).toEqual([
        "Eth-Trunk2 lo: lo is no Ethernet interface.",
      ]);
    }, PATIENCE);
    daemon.configure(text("PE", 1, ALL));
    await vi.waitFor(async () => expect(await daemon.alarms()).toEqual([]), PATIENCE);
    await flows();
  });

  test("the trunk's device, deleted by somebody, is made again with its addresses", async () => {
    for (const each of streams) await each.stop();
    streams = [];
    await ipIn(near, "link", "del", "dev", "eth-trunk1");
    await vi.waitFor(async () => {
      expect(await addressesOf(near, "eth-trunk1")).toEqual(["10.9.0.1/24"]);
      expect(await runIn(near, ["ping", "-c", "1", "-W", "1", "10.9.0.2"])).toContain("1 received");
    }, PATIENCE);
    expect(await daemon.trunk()).toMatchObject({ operState: "up", upPorts: 3 });
    expect(await daemon.alarms()).toEqual([]);
    daemon.configure(text("PE", 1, []).replace(/interface Eth-Trunk1\n(?: .*\n)*/, ""));
    await vi.waitFor(async () => expect(await leftovers(near)).toEqual([]), PATIENCE);
    expect(await linkNames(near)).toEqual(["eth1", "eth2", "eth3", "lo"]);
    for (const name of ALL) expect(await interfaceState(near, name)).toMatchObject({ promiscuous: false });
  });
});
