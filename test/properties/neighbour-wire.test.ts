import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { addressText } from "../../src/core/base/neighbours/address-text.js";
import { ENTRY_OPERATIONS, EntryRows } from "../../src/core/base/neighbours/entry-rows.js";
import { NeighbourTable } from "../../src/core/base/neighbours/table.js";
import { Learner } from "../../src/core/neighbours/learner.js";
import { ArpView, arp, writeArpRequest } from "../../src/core/wire/arp.js";
import {
  isNeighbourMessage,
  NeighbourView,
  neighbourMessage,
  writeUnicastSolicitation,
} from "../../src/core/wire/neighbour-discovery.js";
import { arpPacket, neighbourPacket } from "../support/neighbour-packets.js";

const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);
const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => Uint8Array.of(0x20, ...octets.slice(1)));
const start = fc.nat(40);

/** A buffer of other octets. */
const dirty = (): { octets: Uint8Array; view: DataView } => {
  const octets = new Uint8Array(200).fill(0xee);
  return { octets, view: new DataView(octets.buffer) };
};

test("an ARP request is written into dirty octets as its layout says, and read back", () => {
  fc.assert(
    fc.property(start, mac, ipv4, ipv4, (at, senderMac, sender, target) => {
      const { octets, view } = dirty();
      const length = writeArpRequest(view, at, { senderMac, sender, target });
      const texts = { sender: addressText(sender), target: addressText(target) };
      expect(octets.slice(at, at + length)).toEqual(Uint8Array.from(arpPacket({ operation: 1, senderMac, ...texts })));
      expect([...octets.slice(0, at), ...octets.slice(at + length)].every((octet) => octet === 0xee)).toBe(true);
      const read = new ArpView().wrap(view, at, length);
      const [from, to] = [new Uint8Array(4), new Uint8Array(4)];
      read.copySender(from);
      read.copyTarget(to);
      expect([read.fault(), read.operation, read.senderMac, from, to]).toEqual([
        undefined,
        1,
        senderMac,
        sender,
        target,
      ]);
    }),
  );
});

test("a solicitation is written into dirty octets as its layout says, and read back", () => {
  fc.assert(
    fc.property(start, mac, ipv6, ipv6, (at, sourceMac, source, target) => {
      const { octets, view } = dirty();
      const length = writeUnicastSolicitation(view, at, { source, sourceMac, target });
      const addresses = { source: addressText(source), destination: addressText(target), target: addressText(target) };
      const packet = neighbourPacket({ type: 135, ...addresses, option: sourceMac });
      expect(octets.slice(at, at + length)).toEqual(packet);
      expect([...octets.slice(0, at), ...octets.slice(at + length)].every((octet) => octet === 0xee)).toBe(true);
      const read = new NeighbourView().wrap(view, at, length);
      const [from, to] = [new Uint8Array(16), new Uint8Array(16)];
      expect(isNeighbourMessage(view, at, length)).toBe(true);
      expect([read.fault(), read.isSolicitation, read.linkLayer]).toEqual([undefined, true, sourceMac]);
      read.copySource(from);
      read.copyTarget(to);
      expect([from, to]).toEqual([source, target]);
    }),
  );
});

test("rows of entries are read back as they were added", () => {
  const row = fc.record({
    index: fc.integer({ min: 1, max: 0xffff_ffff }),
    operation: fc.constantFrom(...Object.values(ENTRY_OPERATIONS)),
    mac,
    isRouter: fc.boolean(),
    octets: fc.oneof(ipv4, ipv6),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const all = new EntryRows(8);
      all.bytes.fill(0xee);
      for (const each of rows) all.add(each);
      expect(all.isFull).toBe(rows.length === 8);
      const read = new EntryRows(all.used);
      expect(Array.from({ length: read.count }, (_, n) => read.at(n))).toEqual(rows);
    }),
  );
});

test("no octets make a learner throw, and what is cut short teaches nothing", () => {
  const sound = [
    arpPacket({ operation: 1, senderMac: 0x020000000011 as Mac, sender: "10.1.0.9", target: "10.1.0.1" }),
    neighbourPacket({
      type: 135,
      source: "2001:db8::9",
      destination: "2001:db8::1",
      target: "2001:db8::1",
      option: 0x020000000011 as Mac,
    }),
  ];
  const segment = () => ({
    index: 1,
    name: "Eth-Trunk1",
    vlans: 0,
    mac: 1 as Mac,
    expireTime: 1_200,
    ipv4: [{ octets: Uint8Array.of(10, 1, 0, 1), length: 16 }],
    ipv6: [{ octets: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), length: 64 }],
    arp: new NeighbourTable(4, { most: 9, used: 0, refused: 0 }, 1),
    nd: new NeighbourTable(16, { most: 9, used: 0, refused: 0 }, 1),
  });
  const change = fc.record({ at: fc.nat(neighbourMessage.size - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.constantFrom(0, 1), fc.array(change, { maxLength: 4 }), fc.nat(80), (which, changes, cut) => {
      const packet = Uint8Array.from(sound[which] as Uint8Array);
      for (const { at, to } of changes) if (at < packet.length) packet[at] = to;
      const length = Math.min(packet.length, cut);
      const [learner, here] = [new Learner(), segment()];
      const view = new DataView(packet.buffer);
      const isWhole = length === packet.length && packet.every((octet, n) => octet === sound[which]?.[n]);
      if (which === 0) learner.arp(view, 0, length, here, 1);
      else learner.nd(view, 0, length, here, 1);
      if (isWhole) expect((which === 0 ? here.arp : here.nd).count).toBe(1);
      expect(here.arp.count + here.nd.count).toBeLessThanOrEqual(1);
      if (length < arp.size) expect(here.arp.count + here.nd.count).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});
