import { macToColons } from "../../base/address.js";
import type { Device } from "../../device/device.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import type { Aggregator } from "../../lacp/aggregator.js";
import type { LacpPort } from "../../lacp/port.js";

export interface LacpStatisticsView {
  readonly id: number;
  readonly ports: readonly PortStatisticsView[];
}

/** Counters of 802.1AX-2014 7.3.3 under the interface document's names, and the MIB's debug counters. */
export interface PortStatisticsView {
  readonly name: string;
  readonly lacpduReceived: number;
  readonly lacpduSent: number;
  readonly lacpduErrors: number;
  readonly markerReceived: number;
  readonly markerSent: number;
  readonly markerErrors: number;
  readonly unknownReceived: number;
  readonly markerResponsesReceived: number;
  readonly markerResponsesSent: number;
  readonly illegalReceived: number;
  readonly actorChurnCount: number;
  readonly partnerChurnCount: number;
  readonly actorSyncTransitions: number;
  readonly partnerSyncTransitions: number;
  readonly partnerChanges: number;
  readonly keyZeroReceived: number;
  /** Dropped LACPDUs by reason. */
  readonly faults: { readonly [fault: string]: number };
}

/** `display lacp brief`. */
export interface LacpBriefView {
  readonly systemPriority: number;
  readonly systemId: string;
  readonly trunks: readonly {
    readonly id: number;
    readonly systemPriority: number;
    readonly systemId: string;
    readonly systemIdSource: "Local" | "Remote";
  }[];
}

function statisticsView({ name, statistics }: LacpPort): PortStatisticsView {
  const { faults } = statistics;
  return {
    name,
    lacpduReceived: statistics.lacpdusRx,
    lacpduSent: statistics.lacpdusTx,
    lacpduErrors:
      Object.values(faults).reduce((sum, count) => sum + count, 0) -
      faults.marker -
      faults["marker-rate"] -
      faults["subtype-unknown"] -
      faults["subtype-illegal"],
    markerReceived: statistics.markerPdusRx,
    markerSent: statistics.markerPdusTx,
    markerErrors: statistics.markerErrors,
    unknownReceived: statistics.unknownRx,
    markerResponsesReceived: statistics.markerResponsePdusRx,
    markerResponsesSent: statistics.markerResponsePdusTx,
    illegalReceived: statistics.illegalRx,
    actorChurnCount: statistics.actorChurnCount,
    partnerChurnCount: statistics.partnerChurnCount,
    actorSyncTransitions: statistics.actorSyncTransitions,
    partnerSyncTransitions: statistics.partnerSyncTransitions,
    partnerChanges: statistics.partnerChanges,
    keyZeroReceived: statistics.keyZeroRx,
    faults: { ...faults },
  };
}

export const statisticsOf = (trunk: Trunk, aggregator: Aggregator): LacpStatisticsView => ({
  id: trunk.id,
  ports: [...aggregator.members()].map(statisticsView),
});

export function lacpBrief(device: Device): LacpBriefView {
  const { desired } = device;
  return {
    systemPriority: desired?.lacpPriority ?? 0,
    systemId: desired === undefined ? "" : macToColons(desired.deviceMac),
    trunks: [...device.trunks].flatMap(({ trunk, role }) =>
      role?.identity === undefined
        ? []
        : [
            {
              id: trunk.id,
              systemPriority: role.identity.systemPriority,
              systemId: macToColons(role.identity.systemId),
              systemIdSource: role.identity.remote ? ("Remote" as const) : ("Local" as const),
            },
          ],
    ),
  };
}
