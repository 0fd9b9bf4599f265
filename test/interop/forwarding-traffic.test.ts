import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { TrafficCounters } from "../../src/core/contract/host.js";
import { type BackendName, runIn, TrunkPair } from "../support/forwarding.js";
import { collect, isRoot, Lab, spawnIn, stop } from "../support/lab.js";
import { TaggedHosts } from "../support/tagged-hosts.js";
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

    const ping = async (namespace: string, address: string): Promise<void> => {
      const words = ["ping", "-c", "5", "-i", "0.05", "-W", "2", address];
      expect(await runIn(namespace, words)).toContain("5 packets transmitted, 5 received, 0% packet loss");
    };

    /** What left on the members meanwhile, in octets a frame. */
    const carryTcp = async ([from, to]: readonly [string, string], address: string): Promise<number> => {
      const server = spawnIn(to, ["iperf3", "-s", "-1", "--forceflush"], { stdio: "pipe" });
      try {
        if (server.stdout) await once(server.stdout, "data");
        const before = await pair.near.call<TrafficCounters>("counters", 1);
        const report = await runIn(from, ["iperf3", "-c", address, "-n", "100M", "-P", "2", "-J"]);
        const after = await pair.near.call<TrafficCounters>("counters", 1);
        // The client ends without waiting for the last of it to be read.
        expect(JSON.parse(report).end.sum_received.bytes).toBeGreaterThan(50_000_000);
        return (after.bytesSent - before.bytesSent) / (after.framesSent - before.framesSent);
      } finally {
        await stop(server);
      }
    };

    test.each(["10.9.0.2", "fd09::2"])("answer pings to %s, each once", (address) =>
      ping(pair.near.namespace, address),
    );

    test.each(["10.9.0.2", "fd09::2"])("carry TCP to %s with segments left whole", async (address) => {
      expect(await carryTcp([pair.near.namespace, pair.far.namespace], address)).toBeGreaterThan(10_000);
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

    describe("as ports of bridges", () => {
      let hosts: TaggedHosts;

      beforeAll(async () => {
        hosts = await TaggedHosts.join(lab, pair);
      });

      afterAll(async () => {
        await hosts.stop();
      });

      test.each(["10.9.10.2", "fd09:10::2"])("carry pings and TCP of tagged hosts to %s", async (address) => {
        await ping(hosts.namespaces[0], address);
        expect(await carryTcp(hosts.namespaces, address)).toBeGreaterThan(10_000);
      });
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

    // Last: a trunk with addresses says things of its own.
    test("shows tcpdump what it sends and what it receives", async () => {
      await pair.address();
      const words = ["tcpdump", "-nl", "-c", "2", "-i", "eth-trunk1", "icmp"];
      const capture = spawnIn(pair.near.namespace, words, { stdio: ["ignore", "pipe", "pipe"] });
      try {
        const [frames, told] = [collect(capture.stdout), collect(capture.stderr)];
        await vi.waitFor(() => expect(told()).toContain("listening"), { timeout: 10_000 });
        await runIn(pair.near.namespace, ["ping", "-c", "1", "-W", "2", "10.9.0.2"]);
        await vi.waitFor(() => expect(frames()).toMatch(/10\.9\.0\.1 > 10\.9\.0\.2.*\n.*10\.9\.0\.2 > 10\.9\.0\.1/));
      } finally {
        await stop(capture);
      }
    });
  });
});
