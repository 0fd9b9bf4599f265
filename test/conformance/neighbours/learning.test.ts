import { describe, expect, it } from "vitest";
import { type Mac, parseMac } from "../../../src/core/base/address.js";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { NO_ROW } from "../../../src/core/base/neighbours/change-list.js";
import { NeighbourTable } from "../../../src/core/base/neighbours/table.js";
import { Learner } from "../../../src/core/neighbours/learner.js";
import { type Segment, towards } from "../../../src/core/neighbours/segment.js";
import { arpPacket, neighbourPacket } from "../../support/neighbour-packets.js";

const OURS = parseMac("00e0-fc00-0001") as Mac;
const HOST = parseMac("0200-0000-0011") as Mac;
const OTHER = parseMac("0200-0000-0022") as Mac;
const NOW = 5_000;

const octets = (text: string): Uint8Array => {
  const address = parseIpAddress(text) as IpAddress;
  return address.isIpv4 ? address.octets.subarray(12) : address.octets;
};

function scene() {
  const table = (width: 4 | 16) => new NeighbourTable(width, { most: 5, used: 0, refused: 0 }, 1);
  const segment: Segment = {
    index: 7,
    name: "Eth-Trunk1",
    vlans: 0,
    mac: OURS,
    expireTime: 1_200,
    ipv4: [{ octets: octets("10.1.0.1"), length: 16 }],
    ipv6: [
      { octets: octets("2001:db8::1"), length: 64 },
      { octets: octets("fe80::1"), length: 64 },
      { octets: octets("2001:db8:7::1"), length: 64, isTentative: true },
    ],
    arp: table(4),
    nd: table(16),
  };
  const learner = new Learner();
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = (text: string): Mac | undefined => {
    const of = text.includes(":") ? segment.nd : segment.arp;
    const row = of?.find(0, octets(text)) ?? NO_ROW;
    return row === NO_ROW ? undefined : of?.mac(row);
  };
  return {
    segment,
    learner,
    known,
    arp: (packet: Parameters<typeof arpPacket>[0], now = NOW) => {
      const bytes = arpPacket(packet);
      return learner.arp(view(bytes), 0, bytes.length, segment, now);
    },
    nd: (packet: Parameters<typeof neighbourPacket>[0], now = NOW) => {
      const bytes = neighbourPacket(packet);
      return learner.nd(view(bytes), 0, bytes.length, segment, now);
    },
  };
}

const request = { operation: 1, senderMac: HOST, sender: "10.1.0.9", target: "10.1.0.1" } as const;

describe("learning by ARP, RFC 826", () => {
  it.each([
    ["a request to one of our addresses adds its sender", request, HOST],
    ["a request to another host adds nothing", { ...request, target: "10.1.0.8" }, undefined],
    ["a reply to us adds its sender", { ...request, operation: 2, targetMac: OURS }, HOST],
    [
      "a reply to our address and another MAC address adds nothing",
      { ...request, operation: 2, targetMac: OTHER },
      undefined,
    ],
    ["an announcement of an unknown host adds nothing", { ...request, target: "10.1.0.9" }, undefined],
  ] as const)("%s", (_, packet, mac) => {
    const { arp, known } = scene();
    expect(arp(packet)).toBeUndefined();
    expect(known("10.1.0.9")).toBe(mac);
  });

  it.each([
    ["a request", { ...request, target: "10.1.0.8", senderMac: OTHER }],
    ["an announcement", { ...request, target: "10.1.0.9", senderMac: OTHER }],
    ["a reply to somebody else", { ...request, operation: 2, target: "10.1.0.8", senderMac: OTHER }],
  ] as const)("%s changes who is known", (_, packet) => {
    const { arp, known, learner } = scene();
    arp(request);
    arp(packet, NOW + 1);
    expect(known("10.1.0.9")).toBe(OTHER);
    expect(learner.counters.arp).toMatchObject({ added: 1, changed: 1, received: 2, faulty: 0 });
  });

  it.each([
    ["own", { ...request, sender: "10.1.0.1" }],
    ["own", { ...request, senderMac: OURS }],
    ["zero", { ...request, sender: "0.0.0.0" }],
    ["zero", { ...request, senderMac: 0 as Mac }],
    ["group", { ...request, senderMac: 0x01005e000001 as Mac }],
    ["group", { ...request, sender: "224.0.0.9" }],
    ["foreign", { ...request, sender: "10.2.0.9" }],
    ["foreign", { ...request, sender: "10.1.255.255" }],
    ["foreign", { ...request, sender: "10.1.0.0" }],
  ] as const)("never %s addresses: %o", (reason, packet) => {
    const { arp, segment, learner } = scene();
    arp(packet);
    expect(segment.arp?.count).toBe(0);
    expect(learner.counters.arp.untaught[reason]).toBe(1);
  });

  it.each([
    ["truncated", { ...request, cut: 27 }],
    ["types", { ...request, hardwareType: 6 }],
    ["types", { ...request, protocolType: 0x86dd }],
    ["lengths", { ...request, hardwareLength: 8 }],
    ["lengths", { ...request, protocolLength: 16 }],
    ["operation", { ...request, operation: 3 }],
  ] as const)("a fault teaches nothing: %s", (fault, packet) => {
    const { arp, segment, learner } = scene();
    expect(arp(packet)).toBe(fault);
    expect([segment.arp?.count, learner.counters.arp.faulty]).toEqual([0, 1]);
  });

  it("ends at the limit, and counts what finds no room", () => {
    const { arp, segment, learner } = scene();
    for (let n = 10; n < 20; n++) arp({ ...request, sender: `10.1.0.${n}` });
    expect([segment.arp?.count, learner.counters.arp.untaught.room]).toEqual([5, 5]);
  });

  it("follows four changes of an address in ten seconds, and then tells of a conflict until it is over", () => {
    const { arp, known, learner } = scene();
    arp(request);
    for (let n = 1; n <= 20; n++) arp({ ...request, senderMac: n % 2 === 0 ? HOST : OTHER }, NOW + n / 10);
    expect(learner.counters.arp.changed).toBe(4);
    expect(learner.conflicts.standing(NOW + 2)).toMatchObject([
      { interface: "Eth-Trunk1", octets: octets("10.1.0.9") },
    ]);
    expect(learner.takeConflicts()).toBeGreaterThan(0);
    expect(learner.conflicts.expire(NOW + 30)).toBe(true);
    expect(learner.conflicts.standing(NOW + 30)).toEqual([]);
    arp({ ...request, senderMac: OTHER }, NOW + 31);
    expect(known("10.1.0.9")).toBe(OTHER);
  });
});

const solicitation = {
  type: 135,
  source: "2001:db8::9",
  destination: "2001:db8::1",
  target: "2001:db8::1",
  option: HOST,
} as const;
const advertisement = {
  type: 136,
  source: "2001:db8::9",
  destination: "2001:db8::1",
  target: "2001:db8::9",
  flags: 0x60,
  option: HOST,
} as const;

describe("learning by neighbour discovery, RFC 4861", () => {
  it.each([
    ["who solicits one of our addresses is added", solicitation, HOST],
    ["who solicits another address is not", { ...solicitation, target: "2001:db8::7" }, undefined],
    ["without its option nobody is added", { ...solicitation, option: undefined }, undefined],
    ["who answers us is added", advertisement, HOST],
    ["who answers somebody else is not", { ...advertisement, destination: "2001:db8::7" }, undefined],
    ["an unsolicited advertisement adds nothing", { ...advertisement, flags: 0x20 }, undefined],
  ] as const)("%s", (_, packet, mac) => {
    const { nd, known } = scene();
    expect(nd(packet)).toBeUndefined();
    expect(known("2001:db8::9")).toBe(mac);
  });

  it("a host of a network whose own address is still tentative is known, and not asked from it", () => {
    const { nd, known, segment } = scene();
    nd({ ...advertisement, target: "2001:db8:7::9", source: "2001:db8:7::9", destination: "fe80::1" });
    expect(known("2001:db8:7::9")).toBe(HOST);
    expect(towards(segment.ipv6, octets("2001:db8:7::9"))).toBeUndefined();
  });

  it("knows link-local hosts, and who is a router", () => {
    const { nd, known, segment } = scene();
    nd({ ...advertisement, target: "fe80::9", destination: "fe80::1", flags: 0xe0 });
    expect(known("fe80::9")).toBe(HOST);
    expect(segment.nd?.isRouter(segment.nd.find(0, octets("fe80::9")))).toBe(true);
  });

  it.each([
    [
      "with Override an advertisement changes the address",
      { ...advertisement, flags: 0x20, destination: "ff02::1", option: OTHER },
      OTHER,
    ],
    ["without Override it does not", { ...advertisement, flags: 0x40, option: OTHER }, HOST],
    ["a solicitation changes it", { ...solicitation, option: OTHER, target: "2001:db8::7" }, OTHER],
    ["an answer without the option confirms it", { ...advertisement, option: undefined }, HOST],
  ] as const)("%s", (_, packet, mac) => {
    const { nd, known, segment } = scene();
    nd(solicitation);
    nd(packet, NOW + 9);
    expect(known("2001:db8::9")).toBe(mac);
    const row = segment.nd?.find(0, octets("2001:db8::9")) ?? NO_ROW;
    expect(segment.nd?.heard(row)).toBe("flags" in packet && packet.flags === 0x40 ? NOW : NOW + 9);
  });

  it.each([
    ["hop-limit", { ...solicitation, hopLimit: 254 }],
    ["checksum", { ...solicitation, checksum: 0x1234 }],
    ["code", { ...solicitation, code: 1 }],
    ["target", { ...solicitation, target: "ff02::1" }],
    ["option", { ...solicitation, optionLength: 0 }],
    ["option", { ...solicitation, optionLength: 9 }],
    ["length", { ...solicitation, payloadLength: 400 }],
    ["length", { ...solicitation, payloadLength: 20 }],
    ["truncated", { ...solicitation, cut: 60 }],
    ["source", { ...solicitation, source: "::" }],
    ["source", { ...solicitation, source: "::", option: undefined }],
    ["solicited", { ...advertisement, destination: "ff02::1" }],
  ] as const)("a fault teaches nothing: %s %o", (fault, packet) => {
    const { nd, segment, learner } = scene();
    expect(nd(packet)).toBe(fault);
    expect([segment.nd?.count, learner.counters.nd.faulty]).toEqual([0, 1]);
  });

  it("a question whether an address is free teaches nothing", () => {
    const { nd, segment } = scene();
    expect(nd({ ...solicitation, source: "::", destination: "ff02::1:ff00:1", option: undefined })).toBeUndefined();
    expect(segment.nd?.count).toBe(0);
  });

  it.each([
    ["own", { ...advertisement, target: "2001:db8::1" }],
    ["group", { ...advertisement, option: 0x333300000001 as Mac }],
    ["foreign", { ...advertisement, target: "2001:db8:1::9" }],
  ] as const)("never %s addresses", (reason, packet) => {
    const { nd, segment, learner } = scene();
    nd(packet);
    expect([segment.nd?.count, learner.counters.nd.untaught[reason]]).toEqual([0, 1]);
  });
});
