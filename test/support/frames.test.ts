import { expect, test, vi } from "vitest";
import { lacpduFrame, markerFrame, patched, readLacpdu, readMarker, stateOctet, stateText } from "./frames.js";
import { decodePcap, encodePcap } from "./pcap.js";
import { COMPLAINTS, dissect } from "./tshark.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const lacpdu = lacpduFrame({
  source: "02:00:00:00:00:01",
  actor: { systemPriority: 1, system: "02:00:00:00:0a:01", key: 2, portPriority: 3, port: 4, state: "10111100" },
  partner: { systemPriority: 5, system: "02:00:00:00:0b:01", key: 6, portPriority: 7, port: 8, state: "11000011" },
  collectorMaxDelay: 9,
});

test("a state octet prints bit 0 first and reads back", () => {
  expect(stateText(0x3d)).toBe("10111100");
  expect(stateOctet("10111100")).toBe(0x3d);
});

test("a capture reads back as it was written", () => {
  const frames = [
    { time: 1_500_000, bytes: lacpdu },
    { time: 3_000_007, bytes: markerFrame({ source: "02:00:00:00:00:01" }) },
  ];
  expect(decodePcap(encodePcap(frames))).toEqual(frames);
});

test("tshark reads in a built LACPDU what was put into it", () => {
  const fields = [
    "frame.time_epoch",
    "lacp.actor.key",
    "lacp.partner.port",
    "lacp.actor.state",
    "lacp.collector.max_delay",
  ];
  const rows = dissect([{ time: 1_500_000, bytes: lacpdu }], [...fields, ...COMPLAINTS]);
  expect(rows.map((row) => Object.values(row))).toEqual([["1.500000000", "2", "8", "0x3d", "9", "", ""]]);
  expect(readLacpdu(lacpdu)?.actor.key).toBe(2);
  expect(readLacpdu(lacpdu)?.partner.state).toBe("11000011");
});

test("tshark reads in a built Marker what was put into it", () => {
  const bytes = markerFrame({ source: "02:00:00:00:00:01", requesterPort: 7, transaction: 0xdeadbeef });
  const rows = dissect([{ time: 0, bytes }], ["marker.requesterPort", "marker.requesterTransId", ...COMPLAINTS]);
  expect(rows.map((row) => Object.values(row))).toEqual([["7", "3735928559", "", ""]]);
  expect(readMarker(bytes)?.transaction).toBe(0xdeadbeef);
});

test("tshark complains of a TLV with a wrong length", () => {
  const [row] = dissect([{ time: 0, bytes: patched(lacpdu, { 17: 19 }) }], COMPLAINTS);
  expect(row?.["_ws.expert.message"]).not.toBe("");
});
