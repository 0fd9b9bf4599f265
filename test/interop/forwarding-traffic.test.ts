import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { TrafficCounters } from "../../src/core/host.js";
import { type BackendName, runIn, TrunkPair } from "../support/forwarding.js";
import { isRoot, Lab, spawnIn, stop } from "../support/lab.js";
import { Receiver, send, type TrafficOptions } from "../support/traffic.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const EQUAL = { 1: [1], 2: [1, 1], 3: [1, 1, 1] } as const;

/** Who carries, one after the other: all, one, two. */
const MOVES = [
  [1, 1, 1],
  [1, 0, 0],
  [0, 1, 0],
  [0, 1, 1],
  [0, 0, 1],
  [5, 0, 1],
];

/** What crosses: IPv4, IPv6, and both inside one and two tags. */
const KINDS: readonly (readonly [name: string, options: Omit<TrafficOptions, "device">])[] = [
  ["IPv4", { family: 4 }],
  ["IPv6", { family: 6 }],
  ["IPv4 in a VLAN", { family: 4, vlans: [10] }],
  ["IPv6 in two VLANs", { family: 6, vlans: [10, 20] }],
];

describe.runIf(isRoot).each(BACKENDS)("%s", (backend) => {
  describe.each([
    [1, false],
    [2, false],
    [3, false],
    [2, true],
  ] as const)("two trunks over %i links, equal interface indexes: %s", (links, equalIndexes) => {
    let lab: Lab;
    let pair: TrunkPair;

    beforeAll(async () => {
      lab = new Lab();
      pair = await TrunkPair.create(lab, { links, backend, equalIndexes });
      await pair.carry(EQUAL[links]);
      await pair.address();
    });

    afterAll(async () => {
      await pair.stop();
      await lab.close();
    });

    test("answer pings over IPv4 and IPv6", async () => {
      for (const address of ["10.9.0.2", "fd09::2"]) {
        const said = await runIn(pair.near.namespace, ["ping", "-c", "5", "-i", "0.05", "-W", "2", address]);
        expect(said).toContain("5 received");
      }
    });

    test("carry TCP with segments left whole", async () => {
      const server = spawnIn(pair.far.namespace, ["iperf3", "-s", "-1", "--forceflush"], { stdio: "pipe" });
      try {
        if (server.stdout) await once(server.stdout, "data");
        const before = await pair.near.call<TrafficCounters>("counters", 1);
        const report = await runIn(pair.near.namespace, ["iperf3", "-c", "10.9.0.2", "-n", "200M", "-P", "2", "-J"]);
        const after = await pair.near.call<TrafficCounters>("counters", 1);
        // The client ends without waiting for the last of it to be read.
        expect(JSON.parse(report).end.sum_received.bytes).toBeGreaterThan(100_000_000);
        const octets = after.bytesSent - before.bytesSent;
        expect(octets / (after.framesSent - before.framesSent)).toBeGreaterThan(10_000);
      } finally {
        await stop(server);
      }
    });

    test.each(KINDS)("carry 32 flows of %s without loss or reordering", async (_name, options) => {
      const device = "eth-trunk1";
      const receiver = await Receiver.start(pair.far.namespace, { device, ...options });
      const before = await pair.near.sent();
      const { sent, failed } = await send(pair.near.namespace, {
        device,
        ...options,
        flows: 32,
        count: 20_000,
        rate: 0,
      });
      const shares = (await pair.near.sent()).map((count, at) => count - (before[at] ?? 0));
      const { received, flows, reordered, vlans } = await receiver.stop();
      expect({ sent, failed, received, flows, reordered }).toEqual({
        sent: 20_000,
        failed: 0,
        received: 20_000,
        flows: 32,
        reordered: 0,
      });
      expect(vlans).toEqual([options.vlans?.[0] ?? null]);
      expect(shares.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(20_000);
      for (const share of shares) expect(share).toBeGreaterThan(20_000 / 32 - 1);
    });
  });

  describe("a trunk of three links", () => {
    let lab: Lab;
    let pair: TrunkPair;

    beforeAll(async () => {
      lab = new Lab();
      pair = await TrunkPair.create(lab, { links: 3, backend });
      await pair.carry([1, 1, 1]);
    });

    afterEach(async () => {
      await pair.near.distribute([1, 1, 1]);
    });

    afterAll(async () => {
      await pair.stop();
      await lab.close();
    });

    test("loses and reorders nothing while its traffic is moved again and again", async () => {
      const options = { device: "eth-trunk1", family: 4 } as const;
      const receiver = await Receiver.start(pair.far.namespace, options);
      const sending = send(pair.near.namespace, { ...options, flows: 32, count: 100_000, rate: 50_000 });
      let moves = 0;
      let done = false;
      const finished = sending.finally(() => {
        done = true;
      });
      while (!done) {
        await pair.near.distribute(MOVES[moves % MOVES.length] ?? []);
        moves++;
      }
      const { sent } = await finished;
      const { received, reordered, dropped } = await receiver.stop();
      expect(moves).toBeGreaterThan(20);
      expect({ received, reordered, dropped }).toEqual({ received: sent, reordered: 0, dropped: 0 });
    });

    test("drops and counts what arrives on a member that does not collect", async () => {
      const [first] = pair.far.members;
      await pair.near.distribute([1, 0, 0]);
      await pair.far.call("setCollecting", 1, first, false);
      const before = await pair.far.call<TrafficCounters>("memberCounters", 1, first);
      const options = { device: "eth-trunk1", family: 4 } as const;
      const receiver = await Receiver.start(pair.far.namespace, options);
      await send(pair.near.namespace, { ...options, flows: 1, count: 500, rate: 0 });
      await vi.waitFor(async () => {
        const after = await pair.far.call<TrafficCounters>("memberCounters", 1, first);
        expect(after.framesDropped - before.framesDropped).toBe(500);
        expect(after.framesReceived).toBe(before.framesReceived);
      });
      expect((await receiver.stop()).received).toBe(0);
      await pair.far.call("setCollecting", 1, first, true);
    });

    test("sends nothing while no member distributes", async () => {
      await pair.near.distribute([]);
      const before = await pair.near.sent();
      await send(pair.near.namespace, { device: "eth-trunk1", family: 4, flows: 8, count: 500, rate: 0 });
      expect(await pair.near.sent()).toEqual(before);
    });
  });
});
