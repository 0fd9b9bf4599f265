import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { Random } from "../../src/core/base/random.js";
import { later, micros, seconds } from "../../src/core/base/time.js";
import { BackOff } from "../../src/core/rbs/back-off.js";
import { RbsConnection } from "../../src/core/rbs/connection.js";
import { OwnSide } from "../../src/core/rbs/own-side.js";
import { RbsView } from "../../src/core/wire/rbs/message.js";
import { RbsWriter } from "../../src/core/wire/rbs/writer.js";
import { entriesBody, everyMessage, NO_TABLES, openBody, rbsMessage, recordHex } from "../support/rbs-messages.js";

const profile = fc.record({
  backupId: fc.integer({ min: 1, max: 4_095 }),
  state: fc.integer({ min: 0, max: 2 }),
  mode: fc.constant(1),
  etrunk: fc.integer({ min: 0, max: 512 }),
  trunk: fc.nat(65_535),
  remoteTrunk: fc.nat(65_535),
  workMode: fc.integer({ min: 0, max: 2 }),
  services: fc.subarray([2, 5, 21, 32, 36]),
});

test("what is written into dirty octets is what the format says", () => {
  const octets = new Uint8Array(65_536);
  const writer = new RbsWriter(new DataView(octets.buffer));
  const head = fc.record({
    epoch: fc.maxSafeNat(),
    keepalive: fc.integer({ min: 1, max: 65_535 }),
    multiplier: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(fc.array(profile, { maxLength: 30 }), head, fc.maxSafeNat(), (profiles, fields, sequence) => {
      octets.fill(0xee);
      const { length, next } = writer.open(sequence, fields, profiles, 0);
      expect(next).toBe(profiles.length);
      expect(octets.slice(0, length)).toEqual(rbsMessage("OPEN", sequence, openBody(profiles, fields)));
      expect(octets.slice(length).every((octet) => octet === 0xee)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (sequence, acknowledged) => {
      octets.fill(0xee);
      const length = writer.acknowledgement("ACK", sequence, acknowledged);
      const body = acknowledged.toString(16).padStart(16, "0");
      expect(octets.slice(0, length)).toEqual(rbsMessage("ACK", sequence, body));
    }),
  );
  octets.fill(0xee);
  expect(octets.slice(0, writer.profileState(9, 10, 2, 3))).toEqual(
    rbsMessage("PROFILE-STATE", 9, "000a 02 00 00000003"),
  );
  const text = "x".repeat(80);
  expect(octets.slice(0, writer.close(9, "leaving", text))).toEqual(rbsMessage("CLOSE", 9, `0007${"78".repeat(64)}`));
});

test("no stream of octets makes a connection throw, and what it answers is sound", () => {
  const out = new DataView(new ArrayBuffer(65_536));
  const piece = fc.oneof(
    fc.constantFrom(...everyMessage()),
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.constantFrom(...everyMessage()), fc.nat(90), fc.nat(255)).map(([message, at, octet]) => {
      const broken = message.slice();
      if (at < broken.length) broken[at] = octet;
      return broken;
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.nat(30)), { maxLength: 30 }), (pieces) => {
      const own = new OwnSide(1, NO_TABLES);
      own.set([{ backupId: 10, state: 0, mode: 1, etrunk: 1, trunk: 1, remoteTrunk: 1, workMode: 0, services: [5] }]);
      const counters = { messagesSent: 0, messagesReceived: 0, octetsSent: 0, octetsReceived: 0 };
      const connection = new RbsConnection(1, own, counters, micros(0), () => {});
      const writer = new RbsWriter(out);
      let now = micros(0);
      for (const [octets, pause] of pieces) {
        connection.receive(new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length, now);
        now = later(now, seconds(pause));
        connection.expire(now);
        for (let n = connection.write(writer, now); n > 0; n = connection.write(writer, now))
          expect(new RbsView().wrap(out, 0, n).fault()).toBeUndefined();
      }
    }),
  );
});

test("pauses grow from 1 to 30 s, each shortened by at most a quarter, and no two ends keep step", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const backOff = new BackOff(new Random(seed));
      for (const wait of [1, 2, 4, 8, 16, 30, 30, 30]) {
        const pause = backOff.next();
        expect(pause).toBeGreaterThanOrEqual(seconds(wait * 0.75) - 1);
        expect(pause).toBeLessThanOrEqual(seconds(wait));
      }
      backOff.reset();
      expect(backOff.next()).toBeLessThanOrEqual(seconds(1));
    }),
  );
});

test("records of hosts are written as the format says, and read as they were", () => {
  const octets = new Uint8Array(65_536);
  const writer = new RbsWriter(new DataView(octets.buffer));
  const host = fc.record({
    isPut: fc.boolean(),
    trunk: fc.nat(65_535),
    vlans: fc.nat(0xffff_ffff),
    octets: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    mac: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
    sinceHeard: fc.nat(0xffff_ffff),
  });
  const hex = (value: number, width: number) => value.toString(16).padStart(2 * width, "0");
  fc.assert(
    fc.property(fc.array(host, { maxLength: 20 }), fc.boolean(), (hosts, inBatch) => {
      octets.fill(0xee);
      writer.beginEntries("arp");
      for (const each of hosts) writer.host({ ...each, mac: each.mac as Mac, at: 0, isRouter: false });
      const length = writer.entries(9, { backupId: 10, service: 5, generation: 2, inBatch });
      const records = hosts.map(({ isPut, trunk, vlans, octets: address, mac, sinceHeard }) => {
        const key = `${hex(trunk, 2)}${hex(vlans, 4)}0000${Buffer.from(address).toString("hex")}`;
        const rest = isPut ? `${hex(mac, 6)}0000${hex(sinceHeard, 4)}` : "00".repeat(12);
        return recordHex(key + rest, isPut ? 1 : 2);
      });
      expect(octets.slice(0, length)).toEqual(rbsMessage("ENTRIES", 9, entriesBody(5, records, inBatch ? 1 : 0)));
      const view = new RbsView().wrap(new DataView(octets.buffer), 0, length);
      expect(view.fault()).toBeUndefined();
      const read: object[] = [];
      if (view.body?.kind === "ENTRIES")
        view.body.hosts?.each((entry) => read.push({ ...entry, octets: address(entry) }));
      const told = hosts.map(({ isPut, octets: own, mac, sinceHeard, ...key }) => ({
        ...{
          isPut,
          ...key,
          octets: [...own],
          mac: isPut ? mac : 0,
          sinceHeard: isPut ? sinceHeard : 0,
          isRouter: false,
        },
        at: expect.any(Number),
      }));
      expect(read).toEqual(told);
    }),
  );
});

const address = ({ octets, at }: { readonly octets: Uint8Array; readonly at: number }) => [...octets.slice(at, at + 4)];
