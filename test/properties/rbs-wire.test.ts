import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Layout } from "../../src/core/wire/layout.js";
import { RbsFramer } from "../../src/core/wire/rbs/framer.js";
import {
  rbsAcknowledgement,
  rbsArp,
  rbsBatchBegin,
  rbsClose,
  rbsDigest,
  rbsEntries,
  rbsGroup4,
  rbsGroup6,
  rbsHeader,
  rbsNd,
  rbsOpen,
  rbsProfile,
  rbsProfileState,
  rbsRecord,
  rbsRefresh,
  rbsRelay,
} from "../../src/core/wire/rbs/layouts.js";
import { RbsView } from "../../src/core/wire/rbs/message.js";
import { toHex } from "../support/frames.js";
import { entriesBody, everyMessage, openBody, rbsMessage, recordHex } from "../support/rbs-messages.js";

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.length);
const concatenated = (messages: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(messages.map((message) => Buffer.from(message))));

test("layouts have the octets of formats/rbs.md", () => {
  expect([rbsHeader.size, rbsOpen.size, rbsAcknowledgement.size, rbsProfileState.size]).toEqual([16, 14, 8, 8]);
  expect([rbsBatchBegin.size, rbsEntries.size, rbsDigest.size, rbsRefresh.size]).toEqual([12, 12, 20, 4]);
  expect([rbsClose.size, rbsRelay.size, rbsProfile.size, rbsRecord.size]).toEqual([2, 12, 14, 4]);
  expect([rbsArp.size, rbsNd.size, rbsGroup4.size, rbsGroup6.size]).toEqual([24, 36, 28, 52]);
});

/** What a message says, by the view; of one with a fault the fault. */
function read(octets: Uint8Array, start = 0): unknown {
  const around = new Uint8Array(start + octets.length + 9).fill(0xee);
  around.set(octets, start);
  const view = new RbsView().wrap(viewOf(around), start, octets.length);
  return view.fault() ?? { type: view.type, sequence: view.sequence, length: view.length, body: view.body };
}

describe("a body reads as buffer-layout decodes it", () => {
  const anywhere = fc.integer({ min: 0, max: 40 });
  const octetsOf = ({ size }: { readonly size: number }) => fc.uint8Array({ minLength: size, maxLength: size });
  const u64 = (octets: unknown): number => Number(viewOf(new Uint8Array(octets as Uint8Array)).getBigUint64(0));
  const pair = (octets: unknown): number[] => {
    const view = viewOf(new Uint8Array(octets as Uint8Array));
    return [view.getUint32(0), view.getUint32(4)];
  };

  type Oracle = (decoded: { readonly [field: string]: unknown }) => object;
  const plain: readonly (readonly [name: string, type: number, layout: Layout<string>, oracle: Oracle])[] = [
    ["KEEPALIVE", 2, rbsAcknowledgement, ({ acknowledged }) => ({ acknowledged: u64(acknowledged) })],
    ["ACK", 7, rbsAcknowledgement, ({ acknowledged }) => ({ acknowledged: u64(acknowledged) })],
    ["PROFILE-STATE", 3, rbsProfileState, ({ reserved: _, ...rest }) => rest],
    ["BATCH-BEGIN", 4, rbsBatchBegin, ({ reserved: _, ...rest }) => rest],
    ["BATCH-END", 6, rbsDigest, ({ reserved: _, digest, ...rest }) => ({ ...rest, digest: pair(digest) })],
    ["DIGEST", 9, rbsDigest, ({ reserved: _, digest, ...rest }) => ({ ...rest, digest: pair(digest) })],
    ["REFRESH", 8, rbsRefresh, (rest) => rest],
    ["CLOSE", 10, rbsClose, (rest) => ({ ...rest, text: "" })],
    ["RELAY", 11, rbsRelay, ({ reserved: _, reserved2: __, ...rest }) => ({ ...rest, packet: 0 })],
  ];
  test.for(plain)("%s", ([kind, type, layout, oracle]) => {
    let sound = 0;
    // A backup-id, a state, a reason or a code that random octets seldom hit is made one that may be.
    const body = fc.tuple(octetsOf(layout), fc.boolean()).map(([octets, isTamed]) => {
      if (isTamed)
        octets.set(
          [0, 1 + ((octets[1] ?? 0) % 7), (octets[2] ?? 0) % 3, ...(type === 8 ? [1] : [])].slice(0, layout.size),
        );
      return octets;
    });
    fc.assert(
      fc.property(body, anywhere, (octets, at) => {
        const outcome = read(rbsMessage(type, 5, toHex(octets)), at);
        if (typeof outcome === "string") return;
        sound++;
        const decoded = layout.decode(Buffer.from(octets)) as { readonly [field: string]: unknown };
        expect(outcome).toEqual({
          type,
          sequence: 5,
          length: 16 + layout.size,
          body: { kind, ...oracle(decoded) },
        });
      }),
    );
    expect(sound).toBeGreaterThan(20);
  });

  test("OPEN", () => {
    const profile = fc.record({
      backupId: fc.integer({ min: 1, max: 4_095 }),
      state: fc.integer({ min: 0, max: 2 }),
      mode: fc.integer({ min: 1, max: 3 }),
      etrunk: fc.integer({ min: 0, max: 512 }),
      trunk: fc.nat(65_535),
      remoteTrunk: fc.nat(65_535),
      workMode: fc.integer({ min: 0, max: 2 }),
      services: fc.array(fc.nat(255), { maxLength: 6 }),
    });
    const head = fc.record({
      epoch: fc.maxSafeNat(),
      keepalive: fc.integer({ min: 1, max: 65_535 }),
      multiplier: fc.integer({ min: 1, max: 255 }),
      flags: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(profile, { maxLength: 20 }), head, anywhere, (profiles, fields, at) => {
        const { flags, ...rest } = fields;
        expect(read(rbsMessage("OPEN", 1, openBody(profiles, fields)), at)).toMatchObject({
          body: { kind: "OPEN", ...rest, goesOn: flags === 1, profiles },
        });
      }),
    );
  });

  test("ENTRIES of hosts", () => {
    const services: readonly (readonly [number, Layout<string>])[] = [
      [5, rbsArp],
      [32, rbsNd],
    ];
    for (const [service, layout] of services)
      fc.assert(
        fc.property(fc.array(octetsOf(layout), { maxLength: 5 }), anywhere, (rows, at) => {
          const body = entriesBody(
            service,
            rows.map((row) => recordHex(toHex(row))),
          );
          const decoded = rows.map((row) => layout.decode(Buffer.from(row)) as { readonly [field: string]: unknown });
          expect(read(rbsMessage("ENTRIES", 9, body), at)).toMatchObject({
            body: {
              records: decoded.map(({ trunk, outerVlan, innerVlan, mac, sinceHeard, flags = 0 }) => ({
                ...{ operation: "put", trunk, outerVlan, innerVlan, mac, sinceHeard },
                isRouter: (Number(flags) & 1) === 1,
              })),
            },
          });
        }),
      );
  });
});

test("every message of the format is read, with what stands behind its known part", () => {
  for (const [n, message] of everyMessage().entries()) {
    expect(read(message)).toMatchObject({ sequence: n + 1, length: message.length });
    // CLOSE and RELAY end with a text and a packet.
    if (message[3] === 10 || message[3] === 11) continue;
    const longer = concatenated([message, Uint8Array.of(1, 2, 3)]);
    longer[7] = longer.length;
    expect(read(longer)).toMatchObject({ body: (read(message) as { readonly body: unknown }).body as object });
  }
});

test("a message of a type that is not known is read past", () => {
  expect(read(rbsMessage(77, 3, "0102"))).toEqual({ type: 77, sequence: 3, length: 18, body: undefined });
});

test("no octets make the view throw", () => {
  const changes = fc.array(fc.tuple(fc.nat(90), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...everyMessage()), changes, fc.nat(120), (message, octets, length) => {
      const broken = message.slice(0, length);
      for (const [at, octet] of octets) if (at < broken.length) broken[at] = octet;
      read(broken);
    }),
    { numRuns: 2_000 },
  );
});

describe("the framer", () => {
  /** The messages of a stream that comes in pieces, and the fault that ends it. */
  function framed(pieces: readonly Uint8Array[]) {
    const framer = new RbsFramer();
    const messages: string[] = [];
    for (const piece of pieces) {
      const fault = framer.take(viewOf(piece), 0, piece.length, (bytes, start, length) => {
        messages.push(toHex(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)));
        return true;
      });
      if (fault !== undefined) return { messages, fault };
    }
    return { messages, waiting: framer.waiting };
  }
  const whole = everyMessage();
  const stream = concatenated(whole);

  test("cuts the same messages wherever the pieces end", () => {
    const expected = whole.map(toHex);
    for (let cut = 0; cut <= stream.length; cut++)
      expect(framed([stream.slice(0, cut), stream.slice(cut)])).toEqual({ messages: expected, waiting: 0 });
    const octets = Array.from(stream, (octet) => Uint8Array.of(octet));
    expect(framed(octets)).toEqual({ messages: expected, waiting: 0 });
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (ends) => {
        const sorted = [0, ...ends.sort((a, b) => a - b), stream.length];
        const pieces = sorted.slice(1).map((end, n) => stream.slice(sorted[n], end));
        expect(framed(pieces)).toEqual({ messages: expected, waiting: 0 });
      }),
    );
  });

  test("finds a wrong header as soon as its octets are there", () => {
    expect(framed([Uint8Array.of(0x52, 0x43)])).toEqual({ messages: [], fault: "magic" });
    expect(framed([Uint8Array.of(0x52), Uint8Array.of(0x42, 2)])).toEqual({ messages: [], fault: "version" });
    expect(framed([rbsMessage(1, 1, "", { length: 65_537 }).slice(0, 8)])).toEqual({ messages: [], fault: "length" });
    expect(framed([rbsMessage(1, 1, "", { length: 15 }).slice(0, 9)])).toEqual({ messages: [], fault: "length" });
    const [first = stream] = whole;
    expect(framed([concatenated([first, Uint8Array.of(0)]), Uint8Array.of(0)])).toEqual({
      messages: [toHex(first)],
      fault: "magic",
    });
  });

  test("joins the longest message from single octets, and believes no length before", () => {
    const longest = rbsMessage(77, 1, "ab".repeat(65_520));
    expect(framed(Array.from({ length: 1_024 }, (_, n) => longest.slice(64 * n, 64 * (n + 1))))).toEqual({
      messages: [toHex(longest)],
      waiting: 0,
    });
    expect(framed([longest.slice(0, 20)])).toEqual({ messages: [], waiting: 20 });
  });
});
