import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HashProfile } from "../../src/core/contract/desired/trunk.js";
import { type BackendName, TrunkPair } from "../support/forwarding.js";
import { ipv4, ipv6, other, type Packet } from "../support/ip-frames.js";
import { isRoot, Lab } from "../support/lab.js";
import { type SendOptions, send } from "../support/traffic.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const MEMBERS = 8;
const TCP = 6;
const ALIKE = Array.from({ length: MEMBERS }, () => 1);

/** Flows that differ in everything. */
const FLOWS = Array.from({ length: 40 }, (_, flow) => ({
  source: 0x0101 + flow * 3,
  destination: 0x0201 + flow * 7,
  ports: [20_000 + flow * 11, 80 + (flow % 5)] as const,
  stations: [0x10 + flow, 0x80 + flow] as const,
}));

const back = (packet: Packet): Packet => ({
  ...packet,
  source: packet.destination,
  destination: packet.source,
  ...(packet.ports ? { ports: [packet.ports[1], packet.ports[0]] as const } : {}),
  ...(packet.stations ? { stations: [packet.stations[1], packet.stations[0]] as const } : {}),
});

const FAMILIES = [
  ["IPv4", ipv4],
  ["IPv6", ipv6],
] as const;

describe.runIf(isRoot).each(BACKENDS)("the hash of a trunk (%s)", (backend) => {
  let lab: Lab;
  let pair: TrunkPair;

  beforeAll(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: MEMBERS, backend });
  });

  afterAll(async () => {
    await pair.stop();
    await lab.close();
  });

  const use = async (hash: HashProfile, weights: readonly number[] = ALIKE): Promise<void> => {
    await pair.near.tell(weights, { hash });
    await pair.near.call("commit");
    expect(pair.near.problems).toEqual([]);
  };

  /** The members that some frames leave by. */
  const paths = (frames: readonly string[]): Promise<number[]> => pair.near.call("paths", 1, pair.near.members, frames);

  const differ = (one: readonly number[], two: readonly number[]): number =>
    one.filter((member, at) => member !== two[at]).length;

  /** So many different members that chance does not explain it. */
  const expectSpread = (members: readonly number[]): void => {
    expect(new Set(members).size).toBeGreaterThan(MEMBERS / 2);
  };

  describe.each(FAMILIES)("over %s", (_name, build) => {
    const all = (change: (packet: Packet) => Packet = (packet) => packet): Promise<number[]> =>
      paths(FLOWS.map((flow) => build(change(flow))));

    test("keeps a flow on one member and spreads flows", async () => {
      await use("flow");
      const first = await all();
      expectSpread(first);
      expect(await all()).toEqual(first);
    });

    test("tells flows between the same hosts apart by their ports", async () => {
      await use("flow");
      const ports = FLOWS.map((flow) => build({ ...(FLOWS[0] as Packet), ports: flow.ports }));
      expectSpread(await paths(ports));
      await use("src-dst-ip");
      expect(new Set(await paths(ports)).size).toBe(1);
      expectSpread(await all());
    });

    test("takes the ports of TCP as it takes those of UDP", async () => {
      await use("flow");
      expectSpread(await all((packet) => ({ ...(FLOWS[0] as Packet), ports: packet.ports ?? [1, 2], protocol: TCP })));
    });

    test("takes the addresses where there are no ports", async () => {
      await use("flow");
      const pings = await paths(FLOWS.map(({ ports, ...flow }) => build(flow)));
      expectSpread(pings);
      await use("src-dst-ip");
      expect(await paths(FLOWS.map(({ ports, ...flow }) => build(flow)))).toEqual(pings);
    });

    test.each(["flow", "symmetric"] as const)("sends all fragments of a datagram the same way (%s)", async (hash) => {
      await use(hash);
      const first = await all((packet) => ({ ...packet, fragment: { offset: 0, more: true } }));
      expectSpread(first);
      expect(await all((packet) => ({ ...packet, fragment: { offset: 1400, more: true } }))).toEqual(first);
      expect(await all((packet) => ({ ...packet, fragment: { offset: 2800, more: false } }))).toEqual(first);
    });

    test.each(["flow", "src-dst-ip", "symmetric"] as const)(
      "sees through no, one and two tags alike (%s)",
      async (hash) => {
        await use(hash);
        const bare = await all();
        expect(await all((packet) => ({ ...packet, vlans: [10] }))).toEqual(bare);
        expect(await all((packet) => ({ ...packet, vlans: [10, 20] }))).toEqual(bare);
      },
    );

    test("takes only the MAC addresses when told so", async () => {
      await use("src-dst-mac");
      const stations = await all();
      expectSpread(stations);
      expect(await all((packet) => ({ ...packet, ...FLOWS[7], stations: packet.stations ?? [1, 2] }))).toEqual(
        stations,
      );
    });

    test("is symmetric when told so, and its complement mirrors it", async () => {
      await use("flow");
      expect(differ(await all(), await all(back))).toBeGreaterThan(FLOWS.length / 2);
      await use("symmetric");
      const there = await all();
      expectSpread(there);
      expect(await all(back)).toEqual(there);
      await use("symmetric-complement");
      const mirrored = await all();
      expect(await all(back)).toEqual(mirrored);
      expect(differ(mirrored, there)).toBeGreaterThan(FLOWS.length / 2);
      expect(new Map(there.map((member, at) => [member, mirrored[at]])).size).toBe(new Set(mirrored).size);
    });
  });

  test("finds the ports behind IPv4 options and IPv6 extension headers", async () => {
    await use("flow");
    const host = FLOWS[3] as Packet;
    const spread = async (change: Partial<Packet>, build: (packet: Packet) => string): Promise<void> =>
      expectSpread(await paths(FLOWS.map(({ ports }) => build({ ...host, ports, ...change }))));
    await spread({ options: 3 }, ipv4);
    for (const extensions of [[0], [60], [0, 43, 60], [0, 60, 43, 60]]) await spread({ extensions }, ipv6);
  });

  test("is another one on another device, and the same again on the same", async () => {
    await use("flow");
    const frames = FLOWS.map(ipv4);
    const near = await paths(frames);
    await pair.far.tell(ALIKE, { hash: "flow" });
    await pair.far.call("commit");
    const far = await pair.far.call<number[]>("paths", 1, pair.far.members, frames);
    const nth = (members: readonly number[], all: readonly number[]) => members.map((member) => all.indexOf(member));
    expect(differ(nth(near, pair.near.members), nth(far, pair.far.members))).toBeGreaterThan(FLOWS.length / 2);
    await pair.near.restart();
    await use("flow");
    expect(await paths(frames)).toEqual(near);
  });

  // The other one looks at any number of them.
  if (backend === "ebpf") {
    test("falls back to the addresses behind more extension headers than it looks at", async () => {
      await use("flow");
      const deep = FLOWS.map(({ ports }) =>
        ipv6({ ...(FLOWS[3] as Packet), ports, extensions: [0, 60, 60, 60, 60, 60] }),
      );
      expect(new Set(await paths(deep)).size).toBe(1);
    });
  }

  test("takes the MAC addresses of what is not IP, and of what ends before it tells", async () => {
    await use("flow");
    expectSpread(await paths(FLOWS.map(other)));
    expectSpread(await paths(FLOWS.map((flow) => ipv4(flow).slice(0, 2 * 20))));
    expectSpread(await paths(FLOWS.map((flow) => ipv6(flow).slice(0, 2 * 20))));
  });

  test("takes turns with packet-all", async () => {
    await use("packet-all", [1, 1, 1, 1, 0, 0, 0, 0]);
    const before = await pair.near.sent();
    await paths(Array.from({ length: 64 }, () => ipv4(FLOWS[0] as Packet)));
    const sent = (await pair.near.sent()).map((count, at) => count - (before[at] ?? 0));
    // Each CPU takes its own turns.
    for (const count of sent.slice(0, 4)) expect(Math.abs(count - 16)).toBeLessThanOrEqual(2);
    expect(sent.slice(4)).toEqual([0, 0, 0, 0]);
  });

  const KINDS: readonly (readonly [name: string, hash: HashProfile, options: Partial<SendOptions>])[] = [
    ["IPv4 by ports", "flow", { family: 4 }],
    ["IPv6 by ports", "flow", { family: 6 }],
    ["tagged IPv4 by ports", "flow", { family: 4, vlans: [10] }],
    ["IPv6 in two tags by ports", "flow", { family: 6, vlans: [10, 20] }],
    ["IPv4 by addresses", "src-dst-ip", { family: 4, vary: "address" }],
    ["IPv6 by addresses", "src-dst-ip", { family: 6, vary: "address" }],
    ["IPv4 by MAC address", "src-dst-mac", { family: 4, vary: "station" }],
    ["IPv4, symmetric", "symmetric", { family: 4 }],
    ["IPv6, complement", "symmetric-complement", { family: 6, vary: "address" }],
  ];

  describe.each([[[1, 1]], [[1, 1, 1]], [[1, 2, 5]], [ALIKE]])("with weights %j", (weights) => {
    test.each(KINDS)("spreads 10,000 flows of %s, off by a tenth at most", async (_name, hash, options) => {
      await use(hash, weights);
      const before = await pair.near.sent();
      const all = { device: "eth-trunk1", family: 4, flows: 10_000, count: 10_000, rate: 0, ...options } as const;
      expect(await send(pair.near.namespace, all)).toMatchObject({ sent: 10_000 });
      const sent = (await pair.near.sent()).map((count, at) => count - (before[at] ?? 0));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [at, count] of sent.entries()) {
        const due = (10_000 * (weights[at] ?? 0)) / sum;
        expect(Math.abs(count - due), `m${at + 1}: ${sent}`).toBeLessThanOrEqual(due * 0.1);
      }
    });
  });
});
