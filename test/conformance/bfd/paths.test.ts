import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { bfdPacket } from "../../support/bfd-packets.js";
import { ETH1, ETH2, ip, MULTIHOP, Peer, type SessionParts, SINGLE_HOP, Station } from "./station.js";

const AT_3784 = { destinationPort: 3784 };
const DEFAULT_IP: SessionParts = { peer: undefined, interface: "eth1" };

describe("RFC 5881", () => {
  test.for([
    ["IPv4", SINGLE_HOP, {}],
    ["IPv6", { peer: "fd00::2", source: "fd00::1", interface: "eth1" }, { source: "fd00::2", destination: "fd00::1" }],
    [
      "link-local IPv6",
      { peer: "fe80::2", source: undefined, interface: "eth1" },
      { source: "fe80::2", destination: "fe80::1" },
    ],
  ] as const)("B1 a single-hop session comes up over %s", ([, parts, carrier]) => {
    const station = new Station([parts], {
      addresses: [
        [ETH1, "10.0.0.1", 24],
        [ETH1, "fd00::1", 64],
        [ETH1, "fe80::1", 64],
      ],
    });
    new Peer(station, {}, { ...AT_3784, ...carrier }).bringUp();
    expect(station.state).toBe("Up");
    const { datagram } = station.log.at(-1) as (typeof station.log)[number];
    const [source, destination] = ["destination" in carrier ? carrier.destination : "10.0.0.1", parts.peer];
    expect(datagram).toMatchObject({ source, destination, destinationPort: 3784, ttl: 255, to: ETH1 });
  });

  test("4: packets leave from one port of 49152 to 65535, each session from another", () => {
    const parts = Array.from({ length: 40 }, (_, n) => ({ ...MULTIHOP, name: `s${n}`, localDiscriminator: n + 1 }));
    const station = new Station(parts);
    station.pass(seconds(3));
    const bySession = new Map<number, Set<number>>();
    for (const { packet, datagram } of station.log) {
      const ports = bySession.get(packet.myDiscriminator) ?? new Set();
      bySession.set(packet.myDiscriminator, ports.add(datagram.sourcePort));
    }
    const ports = [...bySession.values()].flatMap((each) => [...each]);
    expect([bySession.size, ports.length]).toEqual([40, 40]);
    for (const port of ports) expect(port >= 49_152 && port <= 65_535).toBe(true);
    expect(new Set(ports).size).toBe(40);
  });

  test.for([254, 64, 1, 0])("5: a packet whose TTL is %i is dropped", (ttl) => {
    const station = new Station([SINGLE_HOP]);
    station.hear(new Peer(station).packet(), { ...AT_3784, ttl });
    expect(station.session()).toMatchObject({ state: "Down", received: 0, drops: { ttl: 1 } });
  });

  test("a packet that came in by another interface belongs to nobody", () => {
    const station = new Station([SINGLE_HOP]);
    station.hear(new Peer(station).packet({ yourDiscriminator: 0 }), { ...AT_3784, from: ETH2 });
    station.hear(new Peer(station).packet({ yourDiscriminator: 10 }), { ...AT_3784, from: ETH2 });
    expect(station.session()).toMatchObject({ state: "Down", received: 0 });
  });
});

describe("RFC 5883", () => {
  test("B1 a multihop session comes up at port 4784, whatever the TTL and the interface", () => {
    const station = new Station([MULTIHOP]);
    new Peer(station, {}, { ttl: 3, from: ETH2 }).bringUp();
    expect(station.session()).toMatchObject({ state: "Up", multihop: true });
    expect(station.log.at(-1)?.datagram).toMatchObject({ destinationPort: 4784, ttl: 255, to: undefined });
  });

  test("B1 over IPv6", () => {
    const station = new Station([{ peer: "fd82::1", source: "fd81::1" }], { addresses: [[ETH1, "fd81::1", 64]] });
    new Peer(station, {}, { source: "fd82::1", destination: "fd81::1" }).bringUp();
    expect(station.state).toBe("Up");
  });

  test("a multihop packet moves no single-hop session, nor the other way round", () => {
    const single = new Station([SINGLE_HOP]);
    new Peer(single).say();
    expect(single.session().received).toBe(0);
    const multi = new Station([MULTIHOP]);
    new Peer(multi, {}, AT_3784).say();
    expect(multi.session().received).toBe(0);
  });
});

describe("6.3 whose packet it is", () => {
  const TWO = [
    { ...MULTIHOP, name: "one", localDiscriminator: 1 },
    { ...MULTIHOP, name: "two", localDiscriminator: 2, peer: "10.0.0.3" },
  ];

  test("B2 without our discriminator the peer's address says", () => {
    const station = new Station(TWO);
    station.hear(bfdPacket({ myDiscriminator: 9 }), { source: "10.0.0.3" });
    expect([station.session("one").state, station.session("two").state]).toEqual(["Down", "Init"]);
  });

  test("our discriminator says, but a stranger's packet that bears it is dropped", () => {
    const station = new Station(TWO);
    station.hear(bfdPacket({ yourDiscriminator: 1 }), { source: "10.0.0.3" });
    station.hear(bfdPacket({ yourDiscriminator: 2 }), { source: "10.0.0.9" });
    expect([station.session("one").received, station.session("two").received]).toEqual([0, 0]);
    station.hear(bfdPacket({ yourDiscriminator: 2 }), { source: "10.0.0.3" });
    expect(station.session("two").received).toBe(1);
  });

  test("two sessions with one peer are told apart by our addresses", () => {
    const parts = [
      { ...MULTIHOP, name: "one", localDiscriminator: 1 },
      { ...MULTIHOP, name: "two", localDiscriminator: 2, source: "10.0.0.11" },
    ];
    const addresses = [
      [ETH1, "10.0.0.1", 24],
      [ETH1, "10.0.0.11", 24],
    ] as const;
    const station = new Station(parts, { addresses });
    station.hear(bfdPacket({}), { destination: "10.0.0.11" });
    expect([station.session("one").state, station.session("two").state]).toEqual(["Down", "Init"]);
    station.hear(bfdPacket({}), { destination: "10.0.0.12" });
    expect([station.session("one").received, station.session("two").received]).toEqual([0, 1]);
  });

  test("B19 sessions of two VRFs with the same addresses do not hear each other", () => {
    const parts = [
      { ...MULTIHOP, name: "red", localDiscriminator: 1, vrf: "red" },
      { ...MULTIHOP, name: "blue", localDiscriminator: 2, vrf: "blue" },
    ];
    const station = new Station(parts);
    expect([...station.endpoints.values()].map(({ vrf }) => vrf)).toEqual(["red", "blue"]);
    expect(station.log.map(({ datagram }) => datagram.vrf)).toEqual(["red", "blue"]);
    station.hear(bfdPacket({}), { vrf: "blue" });
    station.hear(bfdPacket({ yourDiscriminator: 1 }), { vrf: "blue" });
    station.hear(bfdPacket({}));
    expect([station.session("red").received, station.session("blue").received]).toEqual([0, 1]);
    // A Poll is answered where it came from.
    station.taken();
    station.hear(bfdPacket({ yourDiscriminator: 2, flags: "P" }), { vrf: "blue" });
    expect(station.taken().map(({ packet, datagram }) => [packet.flags, datagram.vrf])).toContainEqual(["F", "blue"]);
  });
});

describe("default-ip", () => {
  test("speaks to the group on its interface, and whoever answers there is the peer", () => {
    const station = new Station([DEFAULT_IP]);
    expect(station.log[0]?.datagram).toMatchObject({
      source: "10.0.0.1",
      destination: "224.0.0.184",
      destinationPort: 3784,
      ttl: 255,
      to: ETH1,
    });
    expect([...station.endpoints.keys()]).toEqual(["10.0.0.1 3784", "224.0.0.184 3784 11"]);
    new Peer(station, {}, { ...AT_3784, source: "192.168.7.7", destination: "224.0.0.184" }).bringUp();
    expect(station.session()).toMatchObject({ state: "Up", peerAddress: null, destination: "224.0.0.184" });
  });

  test("works on an interface that has no address", () => {
    const station = new Station([{ ...DEFAULT_IP, group: ip("224.0.0.107") }], { addresses: [] });
    expect(station.log[0]?.datagram).toMatchObject({ source: "0.0.0.0", destination: "224.0.0.107", to: ETH1 });
    new Peer(station, {}, { ...AT_3784, destination: "224.0.0.107" }).bringUp();
    // An address that comes later is no reason to begin anew.
    station.address(ETH1, "10.0.0.1");
    expect(station.session()).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("on another interface is another session's", () => {
    const station = new Station([DEFAULT_IP, { ...DEFAULT_IP, name: "two", localDiscriminator: 2, interface: "eth2" }]);
    station.hear(bfdPacket({}), { ...AT_3784, destination: "224.0.0.184", from: ETH2 });
    expect([station.session("hello").received, station.session("two").received]).toEqual([0, 1]);
  });
});

describe("B20 what a session lies on", () => {
  test("a source address that is not on this host is waited for", () => {
    const station = new Station([MULTIHOP], { addresses: [] });
    station.pass(seconds(5));
    expect([station.log, station.endpoints.size]).toEqual([[], 0]);
    expect(station.session().notUpReason).toBe("10.0.0.1 is not on this host");
    station.address(ETH2, "10.0.0.1", 32);
    expect(station.session().notUpReason).toBe("The peer is not heard");
    expect(station.taken().map(({ packet }) => packet.state)).toEqual(["Down"]);
    expect([...station.endpoints.keys()]).toEqual(["10.0.0.1 4784"]);
  });

  test("a source address that goes takes the session down, and up again when it is back", () => {
    const station = new Station([MULTIHOP]);
    new Peer(station).bringUp();
    station.address(ETH1, "10.0.0.1", 24, false);
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Path Down", remoteDiscriminator: null });
    station.pass(seconds(5));
    expect([station.taken(), station.endpoints.size]).toEqual([[], 0]);
    station.address(ETH1, "10.0.0.1");
    new Peer(station).bringUp();
    expect(station.session().upCount).toBe(2);
  });

  test.for([
    ["loses its carrier", { carrier: false }, "eth1 is not up"],
    ["is shut down", { up: false }, "eth1 is not up"],
    ["is deleted", { present: false, up: false, carrier: false }, "10.0.0.1 is not on this host"],
  ] as const)("an interface that %s takes its session down at once", ([, change, notUpReason]) => {
    const station = new Station([SINGLE_HOP]);
    new Peer(station, {}, AT_3784).bringUp();
    station.link("eth1", change);
    expect(station.session()).toMatchObject({
      state: "Down",
      diagnostic: "Path Down",
      notUpReason,
    });
    station.link("eth1", { present: true, up: true, carrier: true });
    station.address(ETH1, "10.0.0.1");
    new Peer(station, {}, AT_3784).bringUp();
    expect(station.session()).toMatchObject({ state: "Up", notUpReason: null });
  });

  test("an interface made anew with another index is found", () => {
    const station = new Station([SINGLE_HOP]);
    new Peer(station, {}, AT_3784).bringUp();
    station.link("eth1", { present: false, up: false, carrier: false });
    station.link("eth1", { index: 31, present: true, up: true, carrier: true });
    station.address(31, "10.0.0.1");
    new Peer(station, {}, { ...AT_3784, from: 31 }).bringUp();
    expect(station.log.at(-1)?.datagram.to).toBe(31);
  });

  test("a tracked interface that goes takes a multihop session down, another does not", () => {
    const station = new Station([{ ...MULTIHOP, trackInterface: "eth2" }]);
    new Peer(station).bringUp();
    station.link("eth1", { carrier: false });
    expect(station.state).toBe("Up");
    station.link("eth2", { carrier: false });
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Path Down" });
  });

  test("without a configured source the interface's address of the peer's network speaks, and stays", () => {
    const addresses = [
      [ETH1, "172.16.0.1", 16],
      [ETH1, "10.0.0.1", 24],
    ] as const;
    const station = new Station([{ ...SINGLE_HOP, source: undefined }], { addresses });
    expect(station.log[0]?.datagram.source).toBe("10.0.0.1");
    new Peer(station, {}, AT_3784).bringUp();
    station.address(ETH1, "10.0.0.77", 30);
    expect(station.session()).toMatchObject({ state: "Up", sourceAddress: "10.0.0.1" });
  });

  test("without a configured source a multihop session leaves it to the kernel", () => {
    const station = new Station([{ ...MULTIHOP, source: undefined }]);
    expect(station.log[0]?.datagram.source).toBe("0.0.0.0");
    new Peer(station).bringUp();
    expect(station.session()).toMatchObject({ state: "Up", sourceAddress: null });
  });

  test("a session without a local discriminator is shown and stays down", () => {
    const station = new Station([{ ...MULTIHOP, localDiscriminator: undefined }]);
    station.hear(bfdPacket({}));
    station.pass(seconds(3));
    expect(station.log).toEqual([]);
    expect(station.session()).toMatchObject({ localDiscriminator: null, state: "Down", received: 0 });
  });

  test("B21 the traffic class is as configured, in the bits of the precedence", () => {
    const station = new Station([{ ...MULTIHOP, tosExp: 5 }]);
    expect(station.log[0]?.datagram.trafficClass).toBe(0xa0);
    station.configure({ ...MULTIHOP, tosExp: 0 });
    station.pass(millis(1_000));
    expect(station.log.at(-1)?.datagram.trafficClass).toBe(0);
  });
});
