import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TrafficCounters } from "../../src/core/contract/host.js";
import { type BackendName, interfaceState, leftovers, TrunkPair } from "../support/forwarding.js";
import { ipv4, type Packet } from "../support/ip-frames.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { Receiver, send } from "../support/traffic.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const DEVICE = { device: "eth-trunk1", family: 4 } as const;

const FLOWS: readonly Packet[] = Array.from({ length: 64 }, (_, flow) => ({
  source: 0x0101 + flow,
  destination: 0x0201,
  ports: [20_000 + flow, 80],
}));

describe.runIf(isRoot).each(BACKENDS)("a data plane whose process changes (%s)", (backend) => {
  let lab: Lab;
  /** MAC addresses before anything began. */
  const found = new Map<string, string>();
  let pair: TrunkPair;

  beforeEach(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: 3, backend });
    for (const name of ["m1", "m2", "m3"]) found.set(name, (await interfaceState(pair.near.namespace, name)).address);
    await pair.carry([1, 2, 3]);
  });

  afterEach(async () => {
    await pair.stop();
    await lab.close();
  });

  test.each(["restart", "killAndRestart"] as const)("loses nothing under load by %s", async (how) => {
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    const sending = send(pair.near.namespace, { ...DEVICE, flows: 32, count: 150_000, rate: 40_000 });
    for (let round = 0; round < 3; round++)
      for (const end of [pair.near, pair.far]) {
        await end[how]();
        await end.tell([1, 2, 3]);
        await end.call("commit");
        expect(end.problems).toEqual([]);
      }
    const { sent } = await sending;
    const { received, reordered, dropped } = await receiver.stop();
    expect({ received, reordered, dropped }).toEqual({ received: sent, reordered: 0, dropped: 0 });
  });

  test.each(["restart", "killAndRestart"] as const)("keeps every flow on its member by %s", async (how) => {
    const paths = (): Promise<number[]> => pair.near.call("paths", 1, pair.near.members, FLOWS.map(ipv4));
    // Buckets that changed hands are not where a fresh start would put them.
    await pair.near.distribute([0, 1, 0]);
    await pair.near.distribute([1, 1, 1]);
    const before = await paths();
    expect(new Set(before).size).toBe(3);
    await pair.near[how]();
    await pair.near.tell([1, 1, 1]);
    await pair.near.call("commit");
    expect(await paths()).toEqual(before);
  });

  test("changes nothing before it is told to commit", async () => {
    await pair.near.killAndRestart();
    const receiver = await Receiver.start(pair.far.namespace, DEVICE);
    await pair.near.tell([0, 0, 0]);
    await send(pair.near.namespace, { ...DEVICE, flows: 8, count: 1000, rate: 0 });
    await pair.near.call("commit");
    await send(pair.near.namespace, { ...DEVICE, flows: 8, count: 1000, rate: 0 });
    expect((await receiver.stop()).received).toBe(1000);
  });

  test("goes on counting where it stopped for a restart", async () => {
    await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 3200, rate: 0 });
    const before = await pair.near.call<TrafficCounters>("counters", 1);
    const members = await pair.near.sent();
    await pair.near.restart();
    await pair.near.tell([1, 2, 3]);
    await pair.near.call("commit");
    expect(await pair.near.call("counters", 1)).toEqual(before);
    expect(await pair.near.sent()).toEqual(members);
  });

  test("goes on counting after a kill, and counts what passed meanwhile", async () => {
    const options = { ...DEVICE, flows: 32, count: 3200, rate: 0 } as const;
    await send(pair.near.namespace, options);
    await pair.near.killAndRestart();
    await send(pair.near.namespace, options);
    await pair.near.tell([1, 2, 3]);
    await pair.near.call("commit");
    await send(pair.near.namespace, options);
    const sent = (await pair.near.sent()).reduce((all, one) => all + one, 0);
    expect(sent).toBeGreaterThanOrEqual(9_600);
    expect(sent).toBeLessThan(9_700);
  });

  test("gives members back as they were before the first process", async () => {
    await pair.near.killAndRestart();
    await pair.near.tell([1, 2, 3]);
    await pair.near.call("commit");
    expect(await interfaceState(pair.near.namespace, "m1")).toMatchObject({ promiscuous: true });
    await pair.near.call("leave");
    expect(await leftovers(pair.near.namespace)).toEqual([]);
    for (const name of ["m1", "m2", "m3"])
      expect(await interfaceState(pair.near.namespace, name)).toEqual({
        promiscuous: false,
        address: found.get(name),
        mtu: 1500,
        arpIgnore: "0",
        disableIpv6: "1",
      });
  });

  test("removes what a killed process left and nobody wants any more", async () => {
    await pair.near.call("create", { trunk: 2, hash: "flow" });
    const [m1, , m3] = pair.near.members;
    await pair.near.call("attach", 2, m3);
    await pair.near.killAndRestart();
    // Trunk 2 is gone from the configuration, and m2 from trunk 1.
    await pair.near.call("create", { trunk: 1, hash: "flow" });
    await pair.near.call("attach", 1, m1);
    await pair.near.call("setCarrier", 1, true);
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([]);
    expect(await leftovers(pair.near.namespace)).toEqual([
      "et1-ul",
      "eth-trunk1",
      "hook et1-ul",
      "hook eth-trunk1",
      "hook m1",
      ...(backend === "nftables" ? ["table netdev etrunkd_1"] : []),
    ]);
    expect(await interfaceState(pair.near.namespace, "m2")).toMatchObject({ promiscuous: false, arpIgnore: "0" });
    expect(await interfaceState(pair.near.namespace, "m3")).toMatchObject({ promiscuous: false, arpIgnore: "0" });
  });

  test("gives back what an earlier version of etrunkd recorded", async () => {
    await pair.near.call("create", { trunk: 1, hash: "flow", mtu: 1_400 });
    expect(await interfaceState(pair.near.namespace, "m1")).toMatchObject({
      promiscuous: true,
      arpIgnore: "8",
      mtu: 1_400,
    });
    const sysctls = { "ipv4/conf/*/arp_ignore": "0", "ipv6/conf/*/disable_ipv6": "0" };
    const original = { promiscuous: false, qdisc: false, mtu: 1_500, sysctls };
    // Earlier versions left the address alone.
    for (const [name, address] of found)
      await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", name, "address", address]);
    await pair.near.killAndRestart((text) => {
      const { members, ...record } = JSON.parse(text) as { members: { changes: object; qdisc: boolean }[] };
      const older = members.map(({ changes: _, qdisc: __, ...rest }) => ({ ...rest, original }));
      return JSON.stringify({ ...record, members: older });
    });
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([]);
    for (const name of ["m1", "m2", "m3"])
      expect(await interfaceState(pair.near.namespace, name)).toMatchObject({
        promiscuous: false,
        arpIgnore: "0",
        mtu: 1_500,
      });
    expect(await leftovers(pair.near.namespace)).toEqual([]);
  });

  test("moves a member to the trunk it belongs to now", async () => {
    const [m1, m2] = pair.near.members;
    await pair.near.killAndRestart();
    for (const [trunk, member] of [
      [2, m1],
      [1, m2],
    ]) {
      await pair.near.call("create", { trunk, hash: "flow" });
      await pair.near.call("attach", trunk, member);
    }
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([]);
    await pair.near.call("leave");
    expect(await leftovers(pair.near.namespace)).toEqual([]);
    expect(await interfaceState(pair.near.namespace, "m1")).toMatchObject({ promiscuous: false, arpIgnore: "0" });
  });

  test("leaves alone an interface that has the number of a member of an earlier process", async () => {
    await pair.near.call("release");
    await run("ip", ["-n", pair.near.namespace, "link", "del", "dev", "m1"]);
    const index = String(pair.near.members[0]);
    const other = ["link", "add", "name", "other", "index", index, "type", "bridge"];
    await run("ip", ["-n", pair.near.namespace, ...other]);
    await run("ip", ["-n", pair.near.namespace, "link", "set", "dev", "other", "promisc", "on"]);
    await pair.near.killAndRestart();
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([]);
    expect(await interfaceState(pair.near.namespace, "other")).toMatchObject({ promiscuous: true });
    expect(await leftovers(pair.near.namespace)).toEqual([]);
  });

  test("starts anew from a record that says nothing sensible", async () => {
    for (const text of ["", "{", "[]", '{"version":1,"trunks":[{}],"members":[{"index":"x"}]}']) {
      await pair.near.killAndRestart(() => text);
      await pair.near.tell([1, 1, 1]);
      await pair.near.call("commit");
      expect(pair.near.problems).toEqual([]);
      const receiver = await Receiver.start(pair.far.namespace, DEVICE);
      await send(pair.near.namespace, { ...DEVICE, flows: 32, count: 640, rate: 0 });
      await vi.waitFor(async () => {
        const { framesReceived } = await pair.far.call<TrafficCounters>("counters", 1);
        expect(framesReceived).toBeGreaterThan(0);
      });
      expect((await receiver.stop()).received).toBe(640);
    }
  });
});
