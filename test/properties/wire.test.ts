import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { EthernetView, ethernet } from "../../src/core/wire/ethernet.js";
import { LacpduView, lacpdu } from "../../src/core/wire/lacpdu.js";
import { MARKER_INFORMATION, MARKER_RESPONSE, MarkerView, marker } from "../../src/core/wire/marker.js";
import { NO_SUBTYPE, subtypeOf } from "../../src/core/wire/slow-protocols.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

/** Where the PDU lies in a bigger buffer, filled with octets that must survive writing. */
const STARTS = fc.integer({ min: 0, max: 40 });

const u16 = fc.integer({ min: 0, max: 0xffff });
const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);

const ETHERNET_FIELDS = { destination: mac, source: mac, type: u16 };
const LACPDU_FIELDS = {
  actorSystemPriority: u16,
  actorSystem: mac,
  actorKey: u16,
  actorPortPriority: u16,
  actorPort: u16.filter((port) => port > 0),
  actorState: u8,
  partnerSystemPriority: u16,
  partnerSystem: mac,
  partnerKey: u16,
  partnerPortPriority: u16,
  partnerPort: u16,
  partnerState: u8,
  collectorMaxDelay: u16,
};
const MARKER_FIELDS = { requesterPort: u16, requesterSystem: mac, transaction: u32 };

interface View {
  wrap(bytes: DataView, start: number, length: number): View;
  fault(): string | undefined;
}

interface Layout {
  readonly size: number;
  decode(octets: Uint8Array): object;
}

/** One PDU: how its layout is named, its view, and what its view can read. */
const PDUS: readonly [name: string, layout: Layout, view: View, readable: readonly string[]][] = [
  ["Ethernet header", ethernet, new EthernetView(), Object.keys(ETHERNET_FIELDS)],
  ["LACPDU", lacpdu, new LacpduView(), ["version", ...Object.keys(LACPDU_FIELDS)]],
  ["Marker", marker, new MarkerView(), Object.keys(MARKER_FIELDS)],
];

const fieldsOf = (view: View, names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, (view as unknown as Record<string, unknown>)[name]]));

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

describe("layouts", () => {
  test("have the sizes of their clauses", () => {
    expect([ethernet.size, lacpdu.size, marker.size]).toEqual([14, 110, 110]);
  });

  test("have the offsets of 802.1AX-2014 6.4.2.3 and 6.5.3.3", () => {
    const { actorTlv, actorKey, actorState, partnerTlv, partnerSystem, partnerState, collectorTlv } = lacpdu.at;
    expect([actorTlv, actorKey, actorState]).toEqual([2, 12, 18]);
    expect([partnerTlv, partnerSystem, partnerState]).toEqual([22, 26, 38]);
    expect([collectorTlv, lacpdu.at.collectorMaxDelay, lacpdu.at.terminatorTlv, lacpdu.at.padding]).toEqual([
      42, 44, 58, 60,
    ]);
    const { tlv, requesterPort, requesterSystem, transaction, terminatorTlv } = marker.at;
    expect([tlv, requesterPort, requesterSystem, transaction, terminatorTlv]).toEqual([2, 4, 6, 12, 18]);
    expect(ethernet.at).toEqual({ destination: 0, source: 6, type: 12 });
  });
});

describe.for(PDUS)("%s", ([, layout, view, readable]) => {
  test("reads any octets as buffer-layout decodes them", () => {
    const anything = fc.uint8Array({ minLength: layout.size, maxLength: layout.size });
    fc.assert(
      fc.property(anything, STARTS, (pdu, start) => {
        const around = new Uint8Array(start + pdu.length);
        around.set(pdu, start);
        view.wrap(viewOf(around), start, pdu.length);
        const oracle = layout.decode(Buffer.from(pdu));
        expect(fieldsOf(view, readable)).toEqual(
          Object.fromEntries(readable.map((name) => [name, (oracle as Record<string, unknown>)[name]])),
        );
      }),
    );
  });

  test("finds a fault in any octets without throwing, and every accessor is safe when there is none", () => {
    // Few bytes are random, so that the TLV lengths are right often enough to get past fault().
    const sane = fc.uint8Array({ minLength: layout.size, maxLength: layout.size + 20 }).map((pdu) => {
      if (layout === lacpdu)
        for (const [at, length] of [
          [3, 20],
          [23, 20],
          [43, 16],
        ] as const)
          pdu[at] = length;
      if (layout === marker) pdu.set([1, 16], 2);
      return pdu;
    });
    let faultless = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), sane), (pdu) => {
        view.wrap(viewOf(pdu), 0, pdu.length);
        if (view.fault() !== undefined) return;
        faultless += 1;
        for (const value of Object.values(fieldsOf(view, readable))) expect(value).toBeTypeOf("number");
      }),
    );
    expect(faultless).toBeGreaterThan(10);
  });

  test("calls a PDU one octet short truncated, wherever the buffer ends", () => {
    const short = new DataView(new ArrayBuffer(layout.size - 1));
    expect(view.wrap(short, 0, layout.size - 1).fault()).toBe("truncated");
    const roomy = new DataView(new ArrayBuffer(2 * layout.size));
    expect(view.wrap(roomy, 3, layout.size - 1).fault()).toBe("truncated");
    expect(view.wrap(roomy, 3, 0).fault()).toBe("truncated");
  });
});

/** Writes into dirty octets and reads back: the values are there, nothing outside the PDU changed, nothing old is left. */
function roundTrip(
  start: number,
  layout: { readonly size: number },
  write: (bytes: DataView) => number,
  read: (bytes: DataView) => void,
): Uint8Array {
  const octets = new Uint8Array(start + layout.size + 10).fill(0xa5);
  expect(write(viewOf(octets))).toBe(layout.size);
  read(viewOf(octets));
  expect(octets.slice(0, start).every((octet) => octet === 0xa5)).toBe(true);
  expect(octets.slice(start + layout.size).every((octet) => octet === 0xa5)).toBe(true);
  return octets.slice(start, start + layout.size);
}

describe("writing", () => {
  test("an LACPDU reads back equal, with no fault and no old octet", () => {
    fc.assert(
      fc.property(fc.record(LACPDU_FIELDS), STARTS, (fields, start) => {
        const view = new LacpduView();
        const pdu = roundTrip(
          start,
          lacpdu,
          (bytes) => {
            const size = view.wrap(bytes, start, lacpdu.size).begin();
            Object.assign(view, fields);
            return size;
          },
          (bytes) => {
            view.wrap(bytes, start, lacpdu.size);
            expect(view.fault()).toBeUndefined();
            expect(fieldsOf(view, Object.keys(fields))).toEqual(fields);
          },
        );
        // 6.4.2.3: subtype, version, types and lengths, and reserved octets that are 0 on transmission.
        expect([...pdu.slice(0, 4)]).toEqual([1, 1, 1, 20]);
        expect([...pdu.slice(19, 24)]).toEqual([0, 0, 0, 2, 20]);
        expect([...pdu.slice(39, 44)]).toEqual([0, 0, 0, 3, 16]);
        expect(pdu.slice(46).every((octet) => octet === 0)).toBe(true);
      }),
    );
  });

  test("a Marker reads back equal, with no fault and no old octet", () => {
    const types = fc.constantFrom(MARKER_INFORMATION, MARKER_RESPONSE);
    fc.assert(
      fc.property(fc.record(MARKER_FIELDS), types, STARTS, (fields, type, start) => {
        const view = new MarkerView();
        const pdu = roundTrip(
          start,
          marker,
          (bytes) => {
            const size = view.wrap(bytes, start, marker.size).begin(type as typeof MARKER_INFORMATION);
            Object.assign(view, fields);
            return size;
          },
          (bytes) => {
            view.wrap(bytes, start, marker.size);
            expect(view.fault()).toBeUndefined();
            expect(view.type).toBe(type);
            expect(fieldsOf(view, Object.keys(fields))).toEqual(fields);
          },
        );
        expect([...pdu.slice(0, 4)]).toEqual([2, 1, type, 16]);
        expect(pdu.slice(16).every((octet) => octet === 0)).toBe(true);
      }),
    );
  });

  test("an Ethernet header reads back equal", () => {
    fc.assert(
      fc.property(fc.record(ETHERNET_FIELDS), STARTS, (fields, start) => {
        const view = new EthernetView();
        roundTrip(
          start,
          ethernet,
          (bytes) => {
            Object.assign(view.wrap(bytes, start, ethernet.size), fields);
            return ethernet.size;
          },
          (bytes) => expect(fieldsOf(view.wrap(bytes, start, ethernet.size), Object.keys(fields))).toEqual(fields),
        );
      }),
    );
  });
});

test("the subtype of a slow frame is its first octet, and none when there is none", () => {
  const octets = new DataView(Uint8Array.of(7, 9).buffer);
  expect([subtypeOf(octets, 1, 1), subtypeOf(octets, 1, 0)]).toEqual([9, NO_SUBTYPE]);
});

/** Each fault of the LACPDU and the Marker: the octet that brings it about. */
const FAULTS = [
  ["6.4.2.3", "LACPDU", "actor-length", 3, 19],
  ["6.4.2.3", "LACPDU", "partner-length", 23, 21],
  ["6.4.2.3", "LACPDU", "collector-length", 43, 0],
  ["6.3.4", "LACPDU", "port-zero", 17, 0],
  ["6.5.3.3", "Marker", "marker-length", 3, 15],
  ["6.5.3.3", "Marker", "marker-type", 2, 3],
] as const;

test.for(FAULTS)("%s: a %s is refused as %s when octet %i is %i", ([, pdu, fault, at, octet]) => {
  const bytes = new DataView(new ArrayBuffer(110));
  const view = pdu === "LACPDU" ? new LacpduView() : new MarkerView();
  view.wrap(bytes, 0, 110).begin(MARKER_INFORMATION);
  if (view instanceof LacpduView) view.actorPort = 1;
  expect(view.fault()).toBeUndefined();
  bytes.setUint8(at, octet);
  expect(view.fault()).toBe(fault);
});

/** 6.4.12 and interop: what an LACPDU may contain without being refused. */
const TOLERATED = [
  ["version 0", 1, 0],
  ["version 255", 1, 255],
  ["another actor TLV type", 2, 9],
  ["another partner TLV type", 22, 9],
  ["another collector TLV type", 42, 9],
  ["another terminator type", 58, 9],
  ["a terminator with a length", 59, 50],
  ["a reserved octet", 19, 255],
  ["padding", 109, 255],
  ["key 0", 13, 0],
] as const;

test.for(TOLERATED)("an LACPDU with %s has no fault", ([, at, octet]) => {
  const bytes = new DataView(new ArrayBuffer(110));
  const view = new LacpduView().wrap(bytes, 0, 110);
  view.begin();
  view.actorPort = 1;
  bytes.setUint8(at, octet);
  expect(view.fault()).toBeUndefined();
});
