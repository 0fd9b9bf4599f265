import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../src/core/base/time.js";
import { BfdView, bfdControl } from "../../src/core/wire/bfd-control.js";
import { MULTIHOP, SINGLE_HOP, Station } from "../conformance/bfd/station.js";
import { bfdOf } from "../support/ask.js";
import { bfdPacket, readBfd, STATES } from "../support/bfd-packets.js";

const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const STARTS = fc.integer({ min: 0, max: 40 });
const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/** Octets somewhere in a bigger buffer. */
function around(octets: Uint8Array, start: number): DataView {
  const bytes = new Uint8Array(start + octets.length + 9).fill(0xee);
  bytes.set(octets, start);
  return viewOf(bytes);
}

describe("BFD control packet", () => {
  test("has the size and the offsets of RFC 5880 4.1", () => {
    expect(bfdControl.size).toBe(24);
    expect(bfdControl.at).toEqual({
      versionDiagnostic: 0,
      stateFlags: 1,
      multiplier: 2,
      length: 3,
      myDiscriminator: 4,
      yourDiscriminator: 8,
      desiredMinTx: 12,
      requiredMinRx: 16,
      requiredMinEchoRx: 20,
    });
  });

  test("reads any octets as buffer-layout decodes them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), STARTS, (octets, start) => {
        const view = new BfdView().wrap(around(octets, start), start, 24);
        const decoded = bfdControl.decode(Buffer.from(octets)) as { [field: string]: number };
        for (const field of Object.keys(bfdControl.at).filter((name) => name in view))
          expect([field, view[field as "length"]]).toEqual([field, decoded[field]]);
        expect(view.state).toBe((decoded.stateFlags as number) >> 6);
        expect(view.diagnostic).toBe((decoded.versionDiagnostic as number) & 31);
      }),
    );
  });

  test("reads what was written, and touches nothing around it", () => {
    const fields = fc.record({ myDiscriminator: u32, yourDiscriminator: u32, desiredMinTx: u32, requiredMinRx: u32 });
    fc.assert(
      fc.property(
        fields,
        u8,
        fc.nat(31),
        fc.nat(3),
        fc.nat(63),
        STARTS,
        (numbers, multiplier, diagnostic, state, flags, start) => {
          const bytes = around(new Uint8Array(24).fill(0xaa), start);
          const view = new BfdView().wrap(bytes, start, 24);
          view.begin(24);
          Object.assign(view, numbers, { multiplier, diagnostic });
          view.setState(state, flags);
          const written = new Uint8Array(bytes.buffer);
          expect(readBfd(written.slice(start, start + 24))).toMatchObject({
            ...numbers,
            version: 1,
            multiplier,
            diagnostic,
            state: STATES[state],
            requiredMinEchoRx: 0,
          });
          expect(view).toMatchObject({ ...numbers, multiplier, diagnostic, state });
          expect([...written.slice(0, start), ...written.slice(start + 24)].every((octet) => octet === 0xee)).toBe(
            true,
          );
        },
      ),
    );
  });

  test("any octets of any length have a fault or can be read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        const view = new BfdView().wrap(viewOf(octets), 0, octets.length);
        if (view.fault() === undefined) expect(view.octets().length).toBe(view.length);
      }),
    );
  });
});

const TWO = [
  { ...MULTIHOP, name: "one", localDiscriminator: 1 },
  { ...SINGLE_HOP, name: "two", localDiscriminator: 2, minTx: millis(10), minRx: millis(10) },
];

/** What may happen to a station: packets well formed or not, time, changes. */
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("packet" as const),
      state: fc.constantFrom(...STATES),
      flags: fc.constantFrom("", "P", "F", "D", "PF", "PD", "C", "A"),
      multiplier: fc.integer({ min: 0, max: 5 }),
      myDiscriminator: fc.constantFrom(0, 1, 77, 78),
      yourDiscriminator: fc.constantFrom(0, 1, 2, 3, 10),
      desiredMinTx: fc.constantFrom(0, 10_000, 300_000, 0xffff_ffff),
      requiredMinRx: fc.constantFrom(0, 1, 10_000, 300_000, 0xffff_ffff),
    }),
    fc.record({ kind: fc.constant("octets" as const), octets: fc.uint8Array({ maxLength: 60 }) }),
    fc.record({ kind: fc.constant("time" as const), milliseconds: fc.integer({ min: 0, max: 2_000 }) }),
    fc.record({ kind: fc.constant("change" as const), minRx: fc.constantFrom(10, 100, 1_000), shutdown: fc.boolean() }),
    fc.record({ kind: fc.constant("expired" as const) }),
    fc.record({ kind: fc.constant("link" as const), carrier: fc.boolean() }),
  ),
  { maxLength: 40 },
);

describe("sessions", () => {
  test.for([true, false])("come to rest and keep the rules of sending whatever comes, with a pacer: %s", (pacer) => {
    fc.assert(
      fc.property(events, fc.nat(), (script, seed) => {
        const station = new Station(TWO, { pacer, seed });
        for (const event of script) {
          if (event.kind === "packet") {
            const { kind: _, ...parts } = event;
            const single = event.yourDiscriminator === 2;
            station.hear(bfdPacket(parts), { destinationPort: single ? 3784 : 4784 });
          } else if (event.kind === "octets") station.hear(event.octets);
          else if (event.kind === "time") station.pass(millis(event.milliseconds));
          else if (event.kind === "change") {
            const change = { minRx: millis(event.minRx), shutdown: event.shutdown };
            station.configure(...TWO.map((parts) => ({ ...parts, ...change })));
          } else if (event.kind === "link") station.link("eth1", { carrier: event.carrier });
          else for (const { session, handover } of [...station.paced.values()]) station.expired(session, handover);
        }
        for (const { packet } of station.log) {
          expect(packet.flags === "" || packet.flags === "P" || packet.flags === "F").toBe(true);
          if (packet.state !== "Up") expect(packet.desiredMinTx).toBeGreaterThanOrEqual(1_000_000);
        }
        for (const { name, state, offloaded } of bfdOf(station.engine).sessions)
          if (offloaded) expect([name, state]).toEqual([name, "Up"]);
        expect(station.paced.size).toBe(bfdOf(station.engine).sessions.filter(({ offloaded }) => offloaded).length);
      }),
      { numRuns: 150 },
    );
  });
});
