/** What displays show, field by field the JSON of the interface document. MAC addresses as `00:e0:fc:12:34:55`. */

import type { PortStatus } from "../../contract/events.js";

export interface TrunkView {
  readonly id: number;
  readonly mode: "manual" | "static" | "backup";
  readonly operState: "up" | "down";
  readonly systemPriority: number | null;
  readonly systemId: string | null;
  readonly systemIdSource: "Local" | "Remote" | null;
  readonly hashArithmetic: string;
  readonly portKeyMode: "Auto" | "Manual" | null;
  readonly timeout: "slow" | "fast" | null;
  readonly timeoutSeconds: number | null;
  readonly etrunk: number | null;
  readonly memberState: string | null;
  readonly memberCausation?: string | null;
  readonly workingState: "Master" | "Slave" | "None" | null;
  /** Seconds; null without preemption. */
  readonly preemptDelay: number | null;
  readonly leastActive: number | null;
  /** Mbit/s. */
  readonly leastBandwidth: number | null;
  readonly maxActive: number | null;
  readonly upPorts: number;
  readonly ports: readonly PortView[];
}

export interface PortView {
  readonly name: string;
  /** Linux name; null while there is none. */
  readonly interface: string | null;
  readonly linkUp: boolean;
  readonly status: PortStatus;
  /** Why the status is what it is, in words. */
  readonly reason: string;
  /** `1GE`, `10GE`, ... */
  readonly portType: string;
  readonly portPriority: number | null;
  readonly portNumber: number | null;
  readonly portKey: number | null;
  readonly portState: string | null;
  readonly collecting: boolean;
  readonly distributing: boolean;
  readonly weight: number;
  readonly reference: boolean;
  readonly highPriority: boolean;
  readonly role: "master" | "slave" | null;
  readonly framesReceived: number | null;
  readonly framesSent: number | null;
  readonly bytesReceived: number | null;
  readonly bytesSent: number | null;
  /** Data that arrived while the member did not collect. */
  readonly framesDropped?: number | null;
  readonly receiveState: string | null;
  readonly muxState: string | null;
  readonly actorChurn: boolean | null;
  readonly partnerChurn: boolean | null;
  readonly partner: PartnerView | null;
}

export interface PartnerView {
  readonly systemPriority: number;
  readonly systemId: string;
  readonly portPriority: number;
  readonly portNumber: number;
  readonly portKey: number;
  readonly portState: string;
}

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

export interface AlarmView {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly level: "Critical" | "Major" | "Minor" | "Warning";
  /** Microseconds of the monotonic clock; the daemon turns it into `since`, ISO 8601 UTC. */
  readonly raisedAt: number;
  readonly text: string;
}

/** One interface of `display smart-link flush`. */
export interface FlushInterfaceView {
  readonly name: string;
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
  /** Dropped frames by reason. */
  readonly drops: { readonly [reason: string]: number };
  readonly lastReason: string | null;
  /** Where the last one came in; of an Eth-Trunk the member. */
  readonly lastInterface: string | null;
  /** Microseconds of the monotonic clock; the daemon turns it into ISO 8601 UTC. */
  readonly lastTime: number | null;
  readonly lastSource: string | null;
  readonly lastControlVlan: number | null;
}
