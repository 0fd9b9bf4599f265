import { describe, expect, test, vi } from "vitest";
import { readLacpdu, readMarker, stateOctet } from "../../support/frames.js";
import { COMPLAINTS, dissect } from "../../support/tshark.js";
import { SCRIPTS } from "./scripts.js";
import { traceOf } from "./trace.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const LACP_FIELDS = [
  "lacp.version",
  "lacp.actor.sys_priority",
  "lacp.actor.sysid",
  "lacp.actor.key",
  "lacp.actor.port_priority",
  "lacp.actor.port",
  "lacp.actor.state",
  "lacp.partner.sys_priority",
  "lacp.partner.sysid",
  "lacp.partner.key",
  "lacp.partner.port_priority",
  "lacp.partner.port",
  "lacp.partner.state",
  "lacp.collector.max_delay",
] as const;

const MARKER_FIELDS = [
  "marker.tlvType",
  "marker.requesterPort",
  "marker.requesterSystem",
  "marker.requesterTransId",
] as const;

const ALL = ["eth.dst", "eth.src", "slow.subtype", ...LACP_FIELDS, ...MARKER_FIELDS, ...COMPLAINTS] as const;

/** The fields as we meant them, in tshark's words. */
function meant(bytes: Uint8Array): Record<string, string> {
  const pdu = readLacpdu(bytes);
  const marker = readMarker(bytes);
  const state = (text: string): string => `0x${stateOctet(text).toString(16).padStart(2, "0")}`;
  const values: (string | number)[] = pdu
    ? [
        `0x0${pdu.version}`,
        ...[pdu.actor, pdu.partner].flatMap((end) => [
          end.systemPriority,
          end.system,
          end.key,
          end.portPriority,
          end.port,
          state(end.state),
        ]),
        pdu.collectorMaxDelay,
      ]
    : [];
  // tshark shows the type of the terminator beside that of the Marker.
  const markerValues = marker
    ? [
        marker.type === "information" ? "0x01,0x00" : "0x02,0x00",
        marker.requesterPort,
        marker.requesterSystem,
        marker.transaction,
      ]
    : [];
  const addresses = pdu ?? marker;
  return {
    "eth.dst": addresses?.destination ?? "",
    "eth.src": addresses?.source ?? "",
    "slow.subtype": pdu ? "0x01" : "0x02",
    ...Object.fromEntries(LACP_FIELDS.map((field, n) => [field, String(values[n] ?? "")])),
    ...Object.fromEntries(MARKER_FIELDS.map((field, n) => [field, String(markerValues[n] ?? "")])),
    ...Object.fromEntries(COMPLAINTS.map((field) => [field, ""])),
  };
}

describe.for(SCRIPTS)("%s", ([name, run]) => {
  const station = run();

  test("sends what it always did, octet by octet", async () => {
    await expect(traceOf(station)).toMatchFileSnapshot(`./${name}.trace`);
  });

  test("is read by tshark as it was meant, without a complaint", () => {
    expect(station.log.length).toBeGreaterThan(1);
    const read = dissect(station.log, ALL);
    expect(read).toEqual(station.log.map(({ bytes }) => meant(bytes)));
  });
});
