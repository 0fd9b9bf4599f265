import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseMac } from "../../src/core/base/address.js";
import type { TrafficCounters } from "../../src/core/contract/host.js";
import { type BackendName, interfaceState, leftovers, linkOf, runIn, TrunkPair } from "../support/forwarding.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { Receiver, send } from "../support/traffic.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const DEVICE = { device: "eth-trunk1", family: 4 } as const;
const SLOW_PROTOCOLS = 0x8809;

/** A frame of an EtherType to a group of the link, tagged when there is a VLAN. */
const linkFrame = (type: string, vlan?: string): string =>
  `0180c2000002020000000b01${vlan ? `8100${vlan}` : ""}${type}${"00".repeat(50)}`;

describe.runIf(isRoot).each(BACKENDS)("members and devices (%s)", (backend) => {
  let lab: Lab;
  let pair: TrunkPair;

  beforeEach(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: 2, backend });
  });

  afterEach(async () => {
    await pair.stop();
    await lab.close();
  });

  const framesReceived = async (member: number): Promise<number> =>
    (await pair.far.call<TrafficCounters>("memberCounters", 1, member)).framesReceived;

  describe.each([
    ["LACP", "8809"],
    ["LLDP", "88cc"],
    ["EAPoL", "888e"],
  ])("%s frames", (_name, type) => {
    test("reach sockets on a member that collects and on one that does not", async () => {
      await pair.carry([1, 1]);
      const [first = 0, second = 0] = pair.far.members;
      await pair.far.call("setCollecting", 1, second, false);
      await pair.far.call("listen", Number.parseInt(type, 16));
      for (const device of ["m1", "m2"]) await pair.near.call("transmit", device, linkFrame(type));
      const heard = () => pair.far.call<{ ifindex: number; frame: string }[]>("heard");
      await vi.waitFor(async () => expect((await heard()).map(({ ifindex }) => ifindex)).toEqual([first, second]));
      for (const { frame } of await heard()) expect(frame).toBe(linkFrame(type));
      expect(await pair.far.call("counters", 1)).toMatchObject({ framesReceived: 0, framesDropped: 0 });
    });
  });

  test("slow-protocol frames inside a VLAN are data", async () => {
    await pair.carry([1, 1]);
    const [first = 0] = pair.far.members;
    await pair.near.call("transmit", "m1", linkFrame("8809", "000a"));
    await vi.waitFor(async () => expect(await framesReceived(first)).toBe(1));
    // A priority tag is no VLAN.
    await pair.far.call("listen", SLOW_PROTOCOLS);
    await pair.near.call("transmit", "m1", linkFrame("8809", "e000"));
    await vi.waitFor(async () => expect(await pair.far.call("heard")).toHaveLength(1));
    expect(await framesReceived(first)).toBe(1);
  });

  test("the trunk has carrier when it was told so, whatever its members do", async () => {
    await pair.carry([1, 1]);
    const carrier = async () => (await linkOf(pair.near.namespace, "eth-trunk1")).operstate;
    expect(await carrier()).toBe("UP");
    await pair.near.call("setCarrier", 1, false);
    expect(await carrier()).not.toBe("UP");
    await pair.near.call("setCarrier", 1, true);
    expect(await carrier()).toBe("UP");
    await pair.near.distribute([]);
    expect(await carrier()).toBe("UP");
  });

  test("a new trunk has no carrier before it is told so", async () => {
    await pair.near.call("create", { trunk: 7, hash: "flow" });
    await pair.near.call("commit");
    const { operstate, flags } = await linkOf(pair.near.namespace, "eth-trunk7");
    expect(operstate).not.toBe("UP");
    expect(flags).toContain("UP");
  });

  test("MAC address, MTU and alias follow what is told, and the members get address and MTU", async () => {
    await pair.carry([1, 1]);
    const { address } = await linkOf(pair.near.namespace, "eth-trunk1");
    // Locally administered, and no group.
    expect(Number.parseInt(address.slice(0, 2), 16) % 4).toBe(2);
    expect((await linkOf(pair.far.namespace, "eth-trunk1")).address).not.toBe(address);

    const mac = "02:00:5e:00:01:01";
    await pair.near.call("create", { trunk: 1, hash: "flow", mac: parseMac(mac), mtu: 9000, alias: "to the core" });
    expect(await linkOf(pair.near.namespace, "eth-trunk1")).toMatchObject({
      address: mac,
      mtu: 9000,
      ifalias: "to the core",
    });
    for (const name of ["m1", "m2"])
      expect(await linkOf(pair.near.namespace, name)).toMatchObject({ mtu: 9000, address: mac });

    await pair.near.call("create", { trunk: 1, hash: "flow" });
    const plain = await linkOf(pair.near.namespace, "eth-trunk1");
    expect(plain).toMatchObject({ address, mtu: 1500 });
    expect(plain.ifalias ?? "").toBe("");
    for (const name of ["m1", "m2"])
      expect(await linkOf(pair.near.namespace, name)).toMatchObject({ mtu: 1500, address });
    expect(pair.near.problems).toEqual([]);
  });

  test("a member that leaves gets back what was changed on it", async () => {
    const before = [];
    await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", "m2", "promisc", "on", "mtu", "1400"]);
    await runIn(pair.near.namespace, ["tc", "qdisc", "add", "dev", "m2", "clsact"]);
    for (const name of ["m1", "m2"]) before.push(await interfaceState(pair.near.namespace, name));
    await pair.carry([1, 1], { mtu: 2000 });
    const { address } = await linkOf(pair.near.namespace, "eth-trunk1");
    for (const name of ["m1", "m2"])
      expect(await interfaceState(pair.near.namespace, name)).toEqual({
        promiscuous: true,
        address,
        alias: "etrunkd: member of eth-trunk1",
        mtu: 2000,
        arpIgnore: "8",
        disableIpv6: "1",
      });
    for (const member of pair.near.members) await pair.near.call("detach", 1, member);
    const after = [];
    for (const name of ["m1", "m2"]) after.push(await interfaceState(pair.near.namespace, name));
    expect(after).toEqual(before);
    await pair.near.call("destroy", 1);
    expect(await leftovers(pair.near.namespace)).toEqual(["hook m2"]);
  });

  test("no IPv6 and no ARP answer comes from members or the inner end", async () => {
    for (const end of [pair.near, pair.far])
      for (const name of ["default", "m1", "m2"])
        await runIn(end.namespace, ["sysctl", "-qw", `net.ipv6.conf.${name}.disable_ipv6=0`]);
    await pair.carry([1, 1]);
    await pair.far.call("listen", 3);
    await pair.address();
    await runIn(pair.far.namespace, ["ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.0.1"]);
    await runIn(pair.far.namespace, ["ping", "-c", "2", "-i", "0.2", "-W", "2", "fd09::1"]);
    const { address } = await linkOf(pair.near.namespace, "eth-trunk1");
    const heard = await pair.far.call<{ ifindex: number; frame: string }[]>("heard");
    const arrived = heard.filter(({ ifindex }) => pair.far.members.includes(ifindex));
    expect(arrived.length).toBeGreaterThan(4);
    const sources = new Set(arrived.map(({ frame }) => frame.slice(12, 24)));
    expect([...sources]).toEqual([address.replaceAll(":", "")]);
    const addresses = await run("ip", ["-n", pair.near.namespace, "-6", "-o", "addr", "show"]);
    expect(addresses).toMatch(/eth-trunk1 +inet6 fe80/);
    expect(addresses).not.toMatch(/(?:m1|m2|et1-ul) +inet6/);
  });

  test("a member that is deleted takes nothing else with it", async () => {
    await pair.carry([1, 1]);
    const [first] = pair.near.members;
    await run("ip", ["-n", pair.near.namespace, "link", "del", "dev", "m1"]);
    await pair.near.distribute([0, 1]);
    await pair.near.call("detach", 1, first);
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 640, rate: 0 });
    expect((await receiver.stop()).received).toBe(640);
    await pair.near.call("leave");
    expect(await leftovers(pair.near.namespace)).toEqual([]);
    expect(pair.near.problems).toEqual([]);
  });

  test("a member that is renamed goes on, and is given back under its new name", async () => {
    await pair.carry([1, 1]);
    await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", "m1", "name", "uplink"]);
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    await pair.near.distribute([1, 0]);
    await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 640, rate: 0 });
    expect((await receiver.stop()).received).toBe(640);
    await pair.near.call("detach", 1, pair.near.members[0]);
    expect(await interfaceState(pair.near.namespace, "uplink")).toMatchObject({ promiscuous: false, arpIgnore: "0" });
  });

  test("a member that moves to another namespace is forgotten, and comes back as a new one", async () => {
    await pair.carry([1, 1]);
    const elsewhere = await lab.namespace("e");
    const [first] = pair.near.members;
    await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", "m1", "netns", elsewhere]);
    await pair.near.distribute([0, 1]);
    await pair.near.call("detach", 1, first);
    await run("ip", ["-n", elsewhere, "link", "set", "dev", "m1", "netns", pair.near.namespace]);
    await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", "m1", "up"]);
    await pair.near.tell([1, 0]);
    expect(pair.near.problems).toEqual([]);
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 640, rate: 0 });
    expect((await receiver.stop()).received).toBe(640);
  });

  test("a trunk whose device was deleted is made again when it is told again", async () => {
    await pair.carry([1, 1]);
    await run("ip", ["-n", pair.near.namespace, "link", "del", "dev", "eth-trunk1"]);
    await pair.near.call("create", { trunk: 1, hash: "flow" });
    expect(pair.near.problems).toEqual([]);
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 640, rate: 0 });
    expect((await receiver.stop()).received).toBe(640);
  });

  test("interfaces of somebody else are refused and left alone", async () => {
    await run("ip", ["-n", pair.near.namespace, "link", "add", "eth-trunk3", "type", "bridge"]);
    await run("ip", ["-n", pair.near.namespace, "link", "add", "x", "type", "veth", "peer", "name", "et4-ul"]);
    await pair.near.call("create", { trunk: 3, hash: "flow" });
    await pair.near.call("create", { trunk: 4, hash: "flow" });
    await pair.near.call("attach", 4, 1);
    await pair.near.call("attach", 4, 9999);
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([
      { trunk: 4, member: 1, text: "lo is no Ethernet interface" },
      { trunk: 4, member: 9999, text: "the interface is gone" },
      { trunk: 3, text: "interface eth-trunk3 exists and was not made by etrunkd: remove or rename it" },
      { trunk: 4, text: "interface et4-ul exists and was not made by etrunkd: remove or rename it" },
    ]);
    await pair.near.call("leave");
    expect(await leftovers(pair.near.namespace)).toEqual(["et4-ul", "eth-trunk3"]);
  });

  test("a trunk takes 64 members and says that it takes no more", async () => {
    const indexes = Array.from({ length: 65 }, (_, at) => 1000 + at);
    const add = indexes.map((index) => `link add name x${index} index ${index} type veth peer name y${index}\n`);
    await run("ip", ["-n", pair.near.namespace, "-batch", "-"], add.join(""));
    await pair.near.call("create", { trunk: 1, hash: "flow" });
    for (const index of indexes) await pair.near.call("attach", 1, index);
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([{ trunk: 1, member: 1064, text: "a trunk has at most 64 members" }]);
    await pair.near.call("leave");
    expect(await leftovers(pair.near.namespace)).toEqual([]);
  });
});
