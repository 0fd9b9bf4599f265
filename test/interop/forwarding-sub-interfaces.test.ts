import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TrafficCounters } from "../../src/core/contract/host.js";
import { leftovers, linkOf, runIn, type TrunkEnd, TrunkPair } from "../support/forwarding.js";
import { isRoot, Lab, run, spawnIn, stop } from "../support/lab.js";
import { Receiver, send } from "../support/traffic.js";

const TEN = { vlan: 10, device: "eth-trunk1.10" };
const TWENTY = { vlan: 20, device: "eth-trunk1.20" };

describe.runIf(isRoot)("sub-interfaces without 802.1Q in the kernel", () => {
  let lab: Lab;
  let pair: TrunkPair;

  beforeEach(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: 2, backend: "ebpf" });
    await pair.carry([1, 1]);
  });

  afterEach(async () => {
    await pair.stop();
    await lab.close();
  });

  const want = async (end: TrunkEnd, subInterfaces: readonly (typeof TEN)[], device: object = {}): Promise<void> => {
    await end.call("create", { trunk: 1, hash: "flow", subInterfaces, ...device });
    await end.call("settled");
  };

  const set = async (...subInterfaces: readonly (typeof TEN)[]): Promise<void> => {
    for (const end of [pair.near, pair.far]) {
      await want(end, subInterfaces);
      expect(end.problems).toEqual([]);
    }
  };

  const address = async (device: string, network: number): Promise<void> => {
    await run("ip", ["-n", pair.near.namespace, "addr", "add", `10.7.${network}.1/24`, "dev", device]);
    await run("ip", ["-n", pair.far.namespace, "addr", "add", `10.7.${network}.2/24`, "dev", device]);
  };

  const ping = (network: number): Promise<string> =>
    runIn(pair.near.namespace, ["ping", "-c", "3", "-i", "0.05", "-W", "2", `10.7.${network}.2`]);

  test("answer pings, each in its VLAN and the trunk in none", async () => {
    await set(TEN, TWENTY);
    await address("eth-trunk1", 1);
    await address(TEN.device, 10);
    await address(TWENTY.device, 20);
    await pair.far.call("listen", 3);
    for (const network of [1, 10, 20]) expect(await ping(network)).toContain("3 received");
    const heard = await pair.far.call<{ ifindex: number; frame: string; vlan: number | null }[]>("heard");
    const onMembers = heard.filter(({ ifindex }) => pair.far.members.includes(ifindex));
    // 10.7.N.0/24 in an IPv4 header or an ARP packet.
    const networks = onMembers.map(({ frame, vlan }) => [vlan, /0a07(..)/.exec(frame)?.[1]].join());
    expect(new Set(networks)).toEqual(new Set([",01", "10,0a", "20,14"]));
  });

  test("carry TCP with segments left whole", async () => {
    await set(TEN);
    await address(TEN.device, 10);
    const server = spawnIn(pair.far.namespace, ["iperf3", "-s", "-1", "--forceflush"], { stdio: "pipe" });
    try {
      if (server.stdout) await once(server.stdout, "data");
      const before = await pair.near.call<TrafficCounters>("counters", 1);
      await runIn(pair.near.namespace, ["iperf3", "-c", "10.7.10.2", "-n", "100M"]);
      const after = await pair.near.call<TrafficCounters>("counters", 1);
      const octets = after.bytesSent - before.bytesSent;
      expect(octets).toBeGreaterThan(100_000_000);
      expect(octets / (after.framesSent - before.framesSent)).toBeGreaterThan(10_000);
    } finally {
      await stop(server);
    }
  });

  test("count what crosses them on the trunk too, and show it with its tag there", async () => {
    await set(TEN);
    const kernel = async (end: TrunkEnd): Promise<{ rx: number; tx: number }> => {
      const stats = ["-n", end.namespace, "-j", "-s", "link", "show", "dev", "eth-trunk1"];
      const [{ stats64 }] = JSON.parse(await run("ip", stats));
      return { rx: stats64.rx.packets, tx: stats64.tx.packets };
    };
    const [near, far] = [await kernel(pair.near), await kernel(pair.far)];
    const receiver = await Receiver.start(pair.far.namespace, { device: "eth-trunk1", family: 4, vlans: [10] });
    await send(pair.near.namespace, { device: TEN.device, family: 4, flows: 5, count: 50, rate: 0 });
    expect(await receiver.stop()).toMatchObject({ received: 50, vlans: [10] });
    expect((await kernel(pair.near)).tx).toBe(near.tx + 50);
    expect((await kernel(pair.far)).rx).toBe(far.rx + 50);
  });

  test("spread flows over the members, and a frame with two tags keeps its inner one", async () => {
    await set(TEN);
    const receiver = await Receiver.start(pair.far.namespace, { device: TEN.device, family: 4, vlans: [30] });
    const before = await pair.near.sent();
    const options = { device: TEN.device, family: 4, vlans: [30], flows: 32, count: 3200, rate: 0 } as const;
    await send(pair.near.namespace, options);
    const sent = (await pair.near.sent()).map((count, at) => count - (before[at] ?? 0));
    for (const count of sent) expect(count).toBeGreaterThan(500);
    expect(await receiver.stop()).toMatchObject({ received: 3200, reordered: 0, vlans: [30] });
  });

  test("have the trunk's address, MTU and carrier", async () => {
    await pair.near.call("create", { trunk: 1, hash: "flow", mtu: 4000 });
    await want(pair.near, [TEN], { mtu: 4000 });
    await want(pair.far, [TEN]);
    const [trunk, own] = [
      await linkOf(pair.near.namespace, "eth-trunk1"),
      await linkOf(pair.near.namespace, TEN.device),
    ];
    expect(own).toMatchObject({ address: trunk.address, mtu: 4000, operstate: "UP" });
    for (const end of [pair.near, pair.far]) {
      await want(end, [TEN], { mtu: 9000 });
      await run("ip", ["-n", end.namespace, "link", "set", "dev", TEN.device, "mtu", "9000"]);
    }
    await address(TEN.device, 10);
    const big = ["ping", "-c", "1", "-W", "2", "-M", "do", "-s", "8900", "10.7.10.2"];
    expect(await runIn(pair.near.namespace, big)).toContain("1 received");
    await pair.near.call("setCarrier", 1, false);
    expect((await linkOf(pair.near.namespace, TEN.device)).operstate).not.toBe("UP");
    await pair.near.call("setCarrier", 1, true);
    expect((await linkOf(pair.near.namespace, TEN.device)).operstate).toBe("UP");
  });

  test.each(["restart", "killAndRestart"] as const)("lose nothing by %s", async (how) => {
    await set(TEN, TWENTY);
    const options = { device: TEN.device, family: 4 } as const;
    const receiver = await Receiver.start(pair.far.namespace, options);
    const sending = send(pair.near.namespace, { ...options, flows: 32, count: 100_000, rate: 40_000 });
    for (let round = 0; round < 2; round++)
      for (const end of [pair.near, pair.far]) {
        await end[how]();
        // The second is not wanted any more, from the first time on.
        await end.tell([1, 1], { subInterfaces: [TEN] });
        await end.call("commit");
        expect(end.problems).toEqual([]);
        expect(await leftovers(end.namespace)).not.toContain(TWENTY.device);
      }
    const { sent } = await sending;
    const { received, reordered, dropped } = await receiver.stop();
    expect({ received, reordered, dropped }).toEqual({ received: sent, reordered: 0, dropped: 0 });
  });

  test("go one by one and with their trunk, and leave their VLAN to it", async () => {
    await set(TEN, TWENTY);
    await set(TWENTY);
    const hooks = ["et1-ul", "et1.20-ul", "eth-trunk1", "eth-trunk1.20", "m1", "m2"].map((name) => `hook ${name}`);
    const devices = ["et1-ul", "et1.20-ul", "eth-trunk1", "eth-trunk1.20"];
    expect(await leftovers(pair.near.namespace)).toEqual([...devices, ...hooks]);
    const options = { device: "eth-trunk1", family: 4, vlans: [10] } as const;
    const receiver = await Receiver.start(pair.far.namespace, options);
    await send(pair.near.namespace, { ...options, flows: 8, count: 80, rate: 0 });
    expect(await receiver.stop()).toMatchObject({ received: 80, vlans: [10] });
    await pair.near.call("destroy", 1);
    expect(await leftovers(pair.near.namespace)).toEqual([]);
  });

  test("an interface of somebody else is refused, and nftables refuses them all", async () => {
    await run("ip", ["-n", pair.near.namespace, "link", "add", TEN.device, "type", "bridge"]);
    await want(pair.near, [TEN, TWENTY]);
    const text = "interface eth-trunk1.10 exists and was not made by etrunkd: remove or rename it";
    expect(pair.near.problems).toEqual([{ trunk: 1, text }]);
    expect((await linkOf(pair.near.namespace, TWENTY.device)).operstate).toBe("UP");
    await pair.stop();
    pair = await TrunkPair.create(lab, { links: 1, backend: "nftables" });
    await pair.carry([1]);
    await want(pair.near, [TEN]);
    expect(pair.near.problems.map(({ text }) => text)).toEqual([
      "eth-trunk1.10: nftables cannot push and pop tags: a sub-interface wants a kernel with 802.1Q, or eBPF",
    ]);
  });
});
