import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { type Candidate, compare, type ElectionInputs, elect } from "../../src/core/etrunk/election.js";
import {
  etrunkHello,
  type HelloFields,
  type HelloMember,
  HelloView,
  writeHello,
} from "../../src/core/wire/etrunk-hello.js";

const mac = fc.integer({ min: 1, max: 0xffff_ffff_ffff }).map((n) => n as Mac);
const u16 = fc.integer({ min: 0, max: 0xffff });
const u64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const fields: fc.Arbitrary<HelloFields> = fc.record({
  flags: fc.integer({ min: 0, max: 0x7f }),
  etrunk: fc.integer({ min: 1, max: 512 }),
  state: fc.integer({ min: 1, max: 3 }),
  reason: fc.integer({ min: 1, max: 8 }),
  priority: fc.integer({ min: 1, max: 254 }),
  selectMode: fc.integer({ min: 0, max: 2 }),
  failTime: fc.oneof(fc.constant(0), fc.integer({ min: 15, max: 30_000 })),
  system: mac,
  revertDelay: u16,
  epoch: u64,
  sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
  peerEpoch: u64,
});
const member: fc.Arbitrary<HelloMember> = fc.record({
  type: fc.integer({ min: 1, max: 2 }),
  workMode: fc.integer({ min: 0, max: 2 }),
  state: fc.integer({ min: 1, max: 3 }),
  reason: fc.integer({ min: 1, max: 14 }),
  localId: u16,
  remoteId: u16,
  flags: fc.integer({ min: 0, max: 15 }),
  availableLinks: u16,
  availableBandwidth: fc.integer({ min: 0, max: 0xffff_ffff }),
  systemPriority: u16,
  system: mac,
  key: u16,
  revertRemaining: u16,
});
const echoLists = fc.array(fc.record({ epoch: u64, sequence: fc.integer({ min: 0, max: 0xffff_ffff }) }), {
  maxLength: 8,
});
const authentication = fc.record({ mode: fc.integer({ min: 1, max: 3 }), keyId: fc.integer({ min: 0, max: 255 }) });

describe("the E-Trunk hello", () => {
  it("is 40 octets before its TLVs", () => {
    expect(etrunkHello.size).toBe(40);
    expect(etrunkHello.at).toMatchObject({
      length: 2,
      priority: 8,
      system: 12,
      epoch: 20,
      sequence: 28,
      peerEpoch: 32,
    });
  });

  it("reads as it was written", () => {
    fc.assert(
      fc.property(
        fields,
        fc.array(member, { maxLength: 64 }),
        echoLists,
        authentication,
        (wanted, members, echoes, signed) => {
          const bytes = new DataView(new ArrayBuffer(4_096));
          const { length, digestAt } = writeHello(bytes, 0, wanted, {
            members,
            software: "etrunkd 1",
            echoes,
            authentication: signed,
          });
          const view = new HelloView().wrap(bytes, 0, length);
          expect(view.fault()).toBeUndefined();
          for (const name of Object.keys(wanted) as (keyof HelloFields)[]) expect(view[name]).toBe(wanted[name]);
          expect(view.members).toEqual(members);
          expect(view.software).toBe("etrunkd 1");
          expect(view.echoes).toEqual(echoes);
          expect(view.authentication).toMatchObject({ ...signed, digestAt });
          const oracle = etrunkHello.decode(Buffer.from(bytes.buffer, 0, length));
          expect([view.etrunk, view.priority, view.system, view.sequence]).toEqual([
            oracle.etrunk,
            oracle.priority,
            oracle.system,
            oracle.sequence,
          ]);
        },
      ),
    );
  });

  it("of any octets and any length has a fault or can be read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (octets, lengthFits) => {
        const bytes = new DataView(octets.slice().buffer);
        if (lengthFits && octets.length >= 4) {
          bytes.setUint8(0, 1);
          bytes.setUint16(2, octets.length);
        }
        const view = new HelloView().wrap(bytes, 0, octets.length);
        if (view.fault() === undefined) expect(view.members.length).toBeLessThan(10);
      }),
      { numRuns: 2_000 },
    );
  });

  it("cut short anywhere is refused", () => {
    const bytes = new DataView(new ArrayBuffer(4_096));
    const [wanted, members] = [
      fc.sample(fields, { numRuns: 1, seed: 1 })[0],
      fc.sample(member, { numRuns: 2, seed: 1 }),
    ];
    if (wanted === undefined) throw new Error("no sample");
    const { length } = writeHello(bytes, 0, wanted, {
      members,
      software: "x",
      echoes: [],
      authentication: { mode: 3, keyId: 0 },
    });
    for (let cut = 0; cut < length; cut++) expect(new HelloView().wrap(bytes, 0, cut).fault()).toBeDefined();
  });
});

describe("the election", () => {
  const candidate: fc.Arbitrary<Candidate> = fc.record({
    priority: fc.integer({ min: 1, max: 4 }),
    system: fc.integer({ min: 1, max: 4 }),
    available: fc.integer({ min: 0, max: 3 }),
  });

  it("is antisymmetric and total: of two that see the same exactly one wins, unless all is equal", () => {
    fc.assert(
      fc.property(candidate, candidate, fc.boolean(), (a, b, higherFirst) => {
        const [ab, ba] = [compare(a, b, higherFirst), compare(b, a, higherFirst)];
        expect(Math.sign(ab)).toBe(-Math.sign(ba) || 0);
        const equal = a.priority === b.priority && a.system === b.system && a.available === b.available;
        expect(ab === 0).toBe(equal);
      }),
    );
  });

  it("leaves a Master wherever both hear each other", () => {
    const comparison = fc.integer({ min: -1, max: 1 });
    const base = {
      canSpeak: true,
      allMembersDown: false,
      bfdDown: false,
      hearing: true,
      waiting: false,
      resumed: undefined,
    };
    const quiet = { peerLeaves: false, peerHasNoMember: false, peerDeaf: undefined };
    fc.assert(
      fc.property(comparison, fc.boolean(), (ours, bfdSessionDown) => {
        const inputs = (seen: number): ElectionInputs => ({ ...base, ...quiet, bfdSessionDown, comparison: seen });
        const states = [elect(inputs(ours)).state, elect(inputs(-ours)).state];
        expect(states).toContain("Master");
        if (ours !== 0) expect(states).toContain("Backup");
      }),
    );
  });
});
