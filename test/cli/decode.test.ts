import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { frameText } from "../../src/cli/decode/decode.js";
import { fromHex, markerFrame, patched, tagged } from "../support/frames.js";
import { encodePcap } from "../support/pcap.js";
import { decoded, joined, lacpdu, marker, numbers, one, source, TIME } from "./captured.js";

vi.stubEnv("TZ", "Europe/Berlin");

test("every field of an LACPDU is read by its name", () => {
  const [frame] = decoded(encodePcap([{ time: TIME, bytes: lacpdu }]));
  expect(frame).toEqual({
    number: 1,
    time: "2026-11-20T10:28:01.123456Z",
    source,
    destination: "01:80:c2:00:00:02",
    vlan: null,
    length: 124,
    what: "LACPDU",
    cut: false,
    lacpdu: {
      version: 1,
      actor: {
        systemPriority: 32768,
        systemId: "00:e0:fc:12:34:55",
        portKey: 305,
        portPriority: 100,
        portNumber: 7,
        portState: "10111100",
        portStateBits: ["Activity", "Aggregation", "Synchronization", "Collecting", "Distributing"],
      },
      partner: {
        systemPriority: 32768,
        systemId: "00:e0:fc:12:34:60",
        portKey: 305,
        portPriority: 100,
        portNumber: 9,
        portState: "11100010",
        portStateBits: ["Activity", "Short Timeout", "Aggregation", "Defaulted"],
      },
      collectorMaxDelay: 5,
      tlvs: [
        [1, 20],
        [2, 20],
        [3, 16],
        [0, 0],
      ],
    },
    marker: null,
    flush: null,
    hello: null,
    bfd: null,
    rbs: null,
    fault: null,
  });
});

test("a Marker and its response are read by their names", () => {
  const fields = { version: 1, requesterPort: 7, requesterSystem: source, transaction: 0xdeadbeef };
  expect(one(marker)).toMatchObject({ what: "Marker", marker: { ...fields, tlv: [1, 16] }, fault: null });
  const response = markerFrame({ source, type: "response", requesterPort: 7, transaction: 0xdeadbeef });
  expect(one(response)).toMatchObject({ what: "Marker Response", marker: { ...fields, tlv: [2, 16] }, fault: null });
});

test("the text of a PDU names time, addresses, fields, state bits and the fault", () => {
  const [frame] = decoded(encodePcap([{ time: TIME, bytes: patched(tagged(lacpdu, 10), { 21: 19 }) }]));
  expect(frameText(frame!).split("\n")).toEqual([
    "    1  2026-11-20 11:28:01.123456  0200-0000-0001 > 0180-c200-0002  VLAN 10  LACPDU",
    "       Actor    System Priority 32768, System 00e0-fc12-3455, Key 305, Port Priority 100, Port 7, State 10111100 (Activity, Aggregation, Synchronization, Collecting, Distributing)",
    "       Partner  System Priority 32768, System 00e0-fc12-3460, Key 305, Port Priority 100, Port 9, State 11100010 (Activity, Short Timeout, Aggregation, Defaulted)",
    "       Version 1, Collector Max Delay 5",
    "       Fault: Actor_Information_Length is 19, must be 20 (802.1AX-2014 6.4.2.3)",
    "",
  ]);
  expect(frameText(one(marker)).split("\n")).toEqual([
    "    1  0200-0000-0001 > 0180-c200-0002  Marker",
    "       Version 1, Requester Port 7, Requester System 0200-0000-0001, Transaction 3735928559",
    "",
  ]);
});

test.for([
  ["truncated", lacpdu.slice(0, 123), "the PDU has 109 octets, must have 110 (802.1AX-2014 6.4.2.3)"],
  ["actor-length", patched(lacpdu, { 17: 21 }), "Actor_Information_Length is 21, must be 20 (802.1AX-2014 6.4.2.3)"],
  ["partner-length", patched(lacpdu, { 37: 0 }), "Partner_Information_Length is 0, must be 20 (802.1AX-2014 6.4.2.3)"],
  [
    "collector-length",
    patched(lacpdu, { 57: 17 }),
    "Collector_Information_Length is 17, must be 16 (802.1AX-2014 6.4.2.3)",
  ],
  ["port-zero", patched(lacpdu, { 31: 0 }), "Actor_Port is 0, a port number is 1 or more (802.1AX-2014 6.3.4)"],
  ["truncated", marker.slice(0, 60), "the PDU has 46 octets, must have 110 (802.1AX-2014 6.5.3.3)"],
  ["marker-length", patched(marker, { 17: 15 }), "Marker_Information_Length is 15, must be 16 (802.1AX-2014 6.5.3.3)"],
  [
    "marker-type",
    patched(marker, { 16: 3 }),
    "the TLV type is 3, must be 1 (Marker) or 2 (Marker Response) (802.1AX-2014 6.5.3.3)",
  ],
  ["no-subtype", lacpdu.slice(0, 14), "the frame ends with its EtherType, a subtype is needed (802.3 Annex 57A)"],
  ["illegal-subtype", patched(lacpdu, { 14: 0 }), "the subtype is 0, 1 to 10 are legal (802.3 Table 57A-3)"],
  ["illegal-subtype", patched(lacpdu, { 14: 11 }), "the subtype is 11, 1 to 10 are legal (802.3 Table 57A-3)"],
] as const)("%s is a fault with its clause", ([name, bytes, text]) => {
  const frame = one(bytes);
  expect(frame.fault?.name).toBe(name);
  expect(`${frame.fault?.text} (${frame.fault?.clause})`).toBe(text);
});

test("a PDU the capture cut short has no fault of its own", () => {
  const frame = one(lacpdu.slice(0, 64), { originalLength: 124 });
  expect(frame).toMatchObject({ what: "LACPDU", length: 124, cut: true, fault: null });
  expect(frameText(frame)).toContain("LACPDU  (cut short by the capture)");
});

test("octets after the PDU, a version above 1 and odd TLV types are no fault", () => {
  expect(one(joined(patched(lacpdu, { 15: 2, 16: 9 }), new Uint8Array(4)))).toMatchObject({
    fault: null,
    lacpdu: {
      version: 2,
      tlvs: [
        [9, 20],
        [2, 20],
        [3, 16],
        [0, 0],
      ],
    },
  });
});

const header = (type: string) => `ffffffffffff020000000001${type}`;

test.for([
  ["0800", "IPv4"],
  ["0806", "ARP"],
  ["86dd", "IPv6"],
  ["88cc", "LLDP"],
  ["888e", "EAPOL"],
  ["abcd", "EtherType 0xabcd"],
  ["88090300", "OAM"],
  ["88090a00", "OSSP"],
  ["88090500", "slow protocol 5"],
  ["8100000a0806", "ARP"],
  ["88a8000a8100000b0806", "ARP"],
  ["8100", "EtherType 0x8100"],
  ["0026424203", "STP"],
  ["0026aaaa03", "SNAP"],
  ["0026fefe03", "LLC"],
  ["0026", "LLC"],
])("a frame of type %s is %s", ([type, what]) => {
  expect(one(fromHex(header(type!)))).toMatchObject({ what, fault: null, lacpdu: null });
});

test("the outermost tag is the frame's VLAN", () => {
  expect(one(fromHex(header("88a8200a8100000b0806"))).vlan).toBe(10);
});

test("a frame shorter than its header is no PDU", () => {
  expect(one(lacpdu.slice(0, 13))).toMatchObject({ what: "a frame without a whole header", source: null, fault: null });
});

test("Linux cooked captures are read, both versions", () => {
  const pdu = lacpdu.slice(14);
  const address = fromHex("0200000000010000");
  const cooked = joined(numbers(false, [2, 2], [2, 1], [2, 6]), address, numbers(false, [2, 0x8809]), pdu);
  const cooked2 = joined(numbers(false, [2, 0x8809], [2, 0], [4, 3], [2, 1], [1, 2], [1, 6]), address, pdu);
  for (const [linkType, bytes] of [
    [113, cooked],
    [276, cooked2],
  ] as const) {
    expect(one(bytes, { linkType })).toMatchObject({ what: "LACPDU", source, destination: null, fault: null });
    expect(one(bytes.slice(0, 15), { linkType }).what).toBe("a frame without a whole header");
  }
});

test("a frame of another link type is named by its number", () => {
  expect(one(lacpdu, { linkType: 105 })).toMatchObject({ what: "link type 105", lacpdu: null });
});

test("any octets are a frame of some kind, on every link type", () => {
  const frame = fc.oneof(
    fc.uint8Array({ maxLength: 140 }),
    fc
      .array(fc.tuple(fc.nat(123), fc.nat(255)), { maxLength: 8 })
      .map((changes) => patched(lacpdu, Object.fromEntries(changes))),
  );
  fc.assert(
    fc.property(frame, fc.constantFrom(1, 113, 276, 0), (bytes, linkType) => {
      const decodedFrame = one(bytes, { linkType });
      expect(frameText(decodedFrame)).toContain(decodedFrame.what);
    }),
    { numRuns: 5_000 },
  );
});
