import { expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { type ArpFault, ArpView } from "../../src/core/wire/arp.js";
import { type BfdFault, BfdView } from "../../src/core/wire/bfd-control.js";
import { type EthernetFault, EthernetView } from "../../src/core/wire/ethernet.js";
import { type HelloFault, HelloView } from "../../src/core/wire/etrunk-hello.js";
import { type FlushFault, FlushView } from "../../src/core/wire/flush.js";
import { type LacpduFault, LacpduView } from "../../src/core/wire/lacpdu.js";
import { type MarkerFault, MarkerView } from "../../src/core/wire/marker.js";
import { type NeighbourFault, NeighbourView } from "../../src/core/wire/neighbour-discovery.js";
import { type RbsFault, RbsView } from "../../src/core/wire/rbs/message.js";
import { read } from "../architecture/sources.js";
import { bfdPacket } from "../support/bfd-packets.js";
import { flushFrame } from "../support/flush-frames.js";
import { fromHex, lacpduFrame, markerFrame, NOBODY, patched } from "../support/frames.js";
import { arpPacket, neighbourPacket } from "../support/neighbour-packets.js";
import { entriesBody, openBody, rbsMessage } from "../support/rbs-messages.js";

/** A view of core/wire as far as this test needs it. */
interface View {
  wrap(bytes: DataView, start: number, length: number): { fault(): string | undefined };
}

/** A kind of PDU: its view, a frame or datagram without fault, where the PDU begins in it, and one for each fault. */
interface Kind<Fault extends string> {
  readonly view: View;
  readonly start: number;
  readonly whole: Uint8Array;
  readonly faults: { readonly [fault in Fault]: Uint8Array };
}

const source = "02:00:00:00:0b:01";
const ethernet: Kind<EthernetFault> = {
  view: new EthernetView(),
  start: 0,
  whole: lacpduFrame({ source }),
  faults: { truncated: lacpduFrame({ source }).slice(0, 13) },
};

/** Behind 14 octets of Ethernet: subtype, version, then TLVs of 20, 20 and 16 octets. */
const whole = lacpduFrame({ source, actor: { ...NOBODY, port: 1 } });
const lacpdu: Kind<LacpduFault> = {
  view: new LacpduView(),
  start: 14,
  whole,
  faults: {
    truncated: whole.slice(0, 123),
    "actor-length": patched(whole, { 17: 19 }),
    "partner-length": patched(whole, { 37: 21 }),
    "collector-length": patched(whole, { 57: 12 }),
    "port-zero": lacpduFrame({ source }),
  },
};

const question = markerFrame({ source });
const marker: Kind<MarkerFault> = {
  view: new MarkerView(),
  start: 14,
  whole: question,
  faults: {
    truncated: question.slice(0, 123),
    "marker-length": patched(question, { 17: 15 }),
    "marker-type": patched(question, { 16: 3 }),
  },
};

const bfd: Kind<BfdFault> = {
  view: new BfdView(),
  start: 0,
  whole: bfdPacket({}),
  faults: {
    version: bfdPacket({ version: 0 }),
    length: bfdPacket({ length: 25 }),
    multiplier: bfdPacket({ multiplier: 0 }),
    multipoint: bfdPacket({ flags: "M" }),
    "my-discriminator": bfdPacket({ myDiscriminator: 0 }),
    "your-discriminator": bfdPacket({ state: "Up", yourDiscriminator: 0 }),
    // A section that says it has 200 octets, of which 4 are there.
    "authentication-section": bfdPacket({ flags: "A", authentication: "01c80161" }),
  },
};

/** Behind two addresses; its first octets are the 802.3 length, LLC and SNAP, then the PDU at 22. */
const untagged = flushFrame({ tag: null });
const flush: Kind<FlushFault> = {
  view: new FlushView(),
  start: 12,
  whole: untagged,
  faults: {
    length: patched(untagged, { 13: 0x41 }),
    snap: patched(untagged, { 20: 0x88, 21: 0xb6 }),
    type: flushFrame({ tag: null, type: 2 }),
    version: flushFrame({ tag: null, version: 1 }),
    "control-vlan": flushFrame({ tag: null, controlVlan: 4095 }),
    // 2 to the 63 cannot be counted exactly.
    number: patched(untagged, { 34: 0x80 }),
  },
};

// A hello of 40 octets and one TLV, what stands where as in formats/e-trunk-hello.md 2 and 3.
const spoken = fromHex(
  "01 00 0033 0001 03 01 01 00 01f4 020000660000 000a 0000000000000001 00000001 0000000000000000 0002 0007 657472756e6b64",
);
const hello: Kind<HelloFault> = {
  view: new HelloView(),
  start: 0,
  whole: spoken,
  faults: {
    version: patched(spoken, { 0: 2 }),
    length: patched(spoken, { 3: 0x34 }),
    "etrunk-id": patched(spoken, { 5: 0 }),
    state: patched(spoken, { 6: 4 }),
    reason: patched(spoken, { 7: 9 }),
    priority: patched(spoken, { 8: 255 }),
    // 1.4 seconds.
    "fail-time": patched(spoken, { 10: 0, 11: 14 }),
    // The software's name has 8 octets, of which 7 are there.
    tlv: patched(spoken, { 43: 8 }),
    // 2 to the 63 cannot be counted exactly.
    number: patched(spoken, { 20: 0x80 }),
  },
};

const asking = { operation: 1, senderMac: 0x020000000b01 as Mac, sender: "10.0.0.1", target: "10.0.0.2" };
const arp: Kind<ArpFault> = {
  view: new ArpView(),
  start: 0,
  whole: arpPacket(asking),
  faults: {
    truncated: arpPacket({ ...asking, cut: 27 }),
    types: arpPacket({ ...asking, hardwareType: 6 }),
    lengths: arpPacket({ ...asking, hardwareLength: 8 }),
    operation: arpPacket({ ...asking, operation: 3 }),
  },
};

// A solicitation of a host that has an address, and an advertisement for all nodes, which is no answer.
const solicitation = {
  type: 135,
  source: "fe80::1",
  destination: "ff02::1:ff00:2",
  target: "fe80::2",
  option: asking.senderMac,
};
const advertisement = { ...solicitation, type: 136, destination: "ff02::1", target: "fe80::1" };
const neighbour: Kind<NeighbourFault> = {
  view: new NeighbourView(),
  start: 0,
  whole: neighbourPacket(solicitation),
  faults: {
    truncated: neighbourPacket({ ...solicitation, cut: 63 }),
    "hop-limit": neighbourPacket({ ...solicitation, hopLimit: 254 }),
    length: neighbourPacket({ ...solicitation, payloadLength: 200 }),
    checksum: neighbourPacket({ ...solicitation, checksum: 0 }),
    code: neighbourPacket({ ...solicitation, code: 1 }),
    option: neighbourPacket({ ...solicitation, optionLength: 0 }),
    target: neighbourPacket({ ...solicitation, target: "ff02::2" }),
    source: neighbourPacket({ ...solicitation, source: "::" }),
    solicited: neighbourPacket({ ...advertisement, flags: 0x40 }),
  },
};

const opening = rbsMessage("OPEN", 1, openBody([{ backupId: 10 }]));
const rbs: Kind<RbsFault> = {
  view: new RbsView(),
  start: 0,
  whole: opening,
  faults: {
    magic: patched(opening, { 0: 0x53 }),
    version: patched(opening, { 2: 2 }),
    length: patched(opening, { 7: opening.length + 1 }),
    // 2 to the 63 cannot be counted exactly.
    number: patched(opening, { 8: 0x80 }),
    // Two profiles, of which one is there.
    body: patched(opening, { 29: 2 }),
    value: rbsMessage("OPEN", 1, openBody([{ backupId: 4_096 }])),
    // A record of 200 octets, of which 4 are there.
    record: rbsMessage("ENTRIES", 1, entriesBody(5, ["010000c8"])),
  },
};

/** Every union of faults in core/wire, by its name. */
const KINDS: Readonly<Record<string, Kind<string>>> = {
  ArpFault: arp,
  EthernetFault: ethernet,
  LacpduFault: lacpdu,
  MarkerFault: marker,
  BfdFault: bfd,
  FlushFault: flush,
  HelloFault: hello,
  NeighbourFault: neighbour,
  RbsFault: rbs,
};

/** The fault names of each union `XFault` of core/wire, read from the source. */
const unions = new Map(
  read("src/core/wire", [".ts"])
    .flatMap(({ text }) => [...text.matchAll(/^export type (\w+Fault) =([^;]*);/gm)])
    .map(([, name = "", union = ""]) => [name, [...union.matchAll(/"([^"]+)"/g)].map(([, fault = ""]) => fault)]),
);

const faultOf = ({ view, start }: Kind<string>, octets: Uint8Array): string | undefined =>
  view.wrap(new DataView(octets.slice().buffer), start, octets.length - start).fault();

/** Which of these faults no PDU of a kind provokes. */
const unprovoked = (kind: Kind<string>, faults: readonly string[]): string[] =>
  faults.filter((fault) => faultOf(kind, kind.faults[fault] ?? kind.whole) !== fault);

test("every kind of PDU that may be at fault stands in the table", () => {
  expect(Object.keys(KINDS).sort()).toEqual([...unions.keys()].sort());
});

test.for(Object.entries(KINDS))("%s: each name is the fault of a PDU of its kind", ([name, kind]) => {
  expect(unions.get(name)).toEqual(expect.arrayContaining(Object.keys(kind.faults)));
  expect(faultOf(kind, kind.whole)).toBeUndefined();
  expect(unprovoked(kind, unions.get(name) ?? [])).toEqual([]);
});

test("a fault without a PDU is found, and a PDU with another fault", () => {
  const faults = { ...marker.faults, "marker-length": marker.faults.truncated };
  expect(unprovoked({ ...marker, faults }, ["truncated", "marker-length", "marker-version"])).toEqual([
    "marker-length",
    "marker-version",
  ]);
});
