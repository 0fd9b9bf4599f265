import { type End, readLacpdu, readMarker, toHex } from "../../support/frames.js";
import type { Station } from "../lacp/station.js";

const NOBODY = "00:00:00:00:00:00";

const endText = ({ system, systemPriority, key, portPriority, port, state }: End): string =>
  system === NOBODY
    ? `${state} nobody`
    : `${state} ${systemPriority}/${system} key ${key} port ${portPriority}/${port}`;

/** What a frame says, in a line. */
function meaning(bytes: Uint8Array): string {
  const pdu = readLacpdu(bytes);
  if (pdu) return `LACPDU actor ${endText(pdu.actor)}, partner ${endText(pdu.partner)}`;
  const marker = readMarker(bytes);
  if (marker) {
    const { type, requesterPort, requesterSystem, transaction } = marker;
    return `Marker ${type} port ${requesterPort} system ${requesterSystem} transaction ${transaction}`;
  }
  return `${bytes.length} octets`;
}

/** A run as text: time since its start, direction seen from us, port, octets, meaning. */
export function traceOf(station: Station): string {
  const start = station.traffic[0]?.time ?? 0;
  const lines = station.traffic.map(
    ({ time, direction, port, bytes }) =>
      `${((time - start) / 1e6).toFixed(6)} ${direction} ${port} ${toHex(bytes)}\n    ${meaning(bytes)}\n`,
  );
  return lines.join("");
}
