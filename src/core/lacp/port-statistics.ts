import type { LacpduFault } from "../wire/lacpdu.js";

/**
 * Counters of one port: those of 802.1AX-2014 7.3.3 and 7.3.4 under the MIB's names, and the faults of dropped PDUs.
 */
export interface PortStatistics {
  lacpdusRx: number;
  markerPdusRx: number;
  markerResponsePdusRx: number;
  unknownRx: number;
  illegalRx: number;
  lacpdusTx: number;
  markerPdusTx: number;
  markerResponsePdusTx: number;
  actorChurnCount: number;
  partnerChurnCount: number;
  actorSyncTransitions: number;
  partnerSyncTransitions: number;
  partnerChanges: number;
  /** Accepted PDUs whose actor key is 0 (teamd sends it). */
  keyZeroRx: number;
  /** Malformed Markers, and Markers above the rate of answers. */
  markerErrors: number;
  readonly faults: { [fault in PduFault]: number };
}

/** The fault of a dropped slow-protocol PDU. */
export type PduFault =
  | LacpduFault
  /** Beyond what a port may receive in a second: dropped before it is read. */
  | "rate"
  | "destination"
  | "tagged"
  | "own-system"
  /** From another address and another system than those of the partner with whom the port has agreed. */
  | "unexpected-mac"
  | "subtype-illegal"
  | "subtype-unknown"
  | "marker"
  | "marker-rate";

export const newStatistics = (): PortStatistics => ({
  lacpdusRx: 0,
  markerPdusRx: 0,
  markerResponsePdusRx: 0,
  unknownRx: 0,
  illegalRx: 0,
  lacpdusTx: 0,
  markerPdusTx: 0,
  markerResponsePdusTx: 0,
  actorChurnCount: 0,
  partnerChurnCount: 0,
  actorSyncTransitions: 0,
  partnerSyncTransitions: 0,
  partnerChanges: 0,
  keyZeroRx: 0,
  markerErrors: 0,
  faults: {
    rate: 0,
    truncated: 0,
    "actor-length": 0,
    "partner-length": 0,
    "collector-length": 0,
    "port-zero": 0,
    destination: 0,
    tagged: 0,
    "own-system": 0,
    "unexpected-mac": 0,
    "subtype-illegal": 0,
    "subtype-unknown": 0,
    marker: 0,
    "marker-rate": 0,
  },
});

export function resetStatistics(statistics: PortStatistics): void {
  Object.assign(statistics.faults, newStatistics().faults);
  const { faults: _, ...counters } = newStatistics();
  Object.assign(statistics, counters);
}
