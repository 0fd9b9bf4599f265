import type { ListedKind } from "../config/listed-interfaces.js";
import type { BoundBfdSessionView } from "../core/parts/bfd/display.js";
import type {
  EtrunkDecisionView,
  EtrunkMemberView,
  EtrunkPacketsView,
  EtrunkView,
  MoveView,
  SessionCarView,
} from "../core/parts/etrunk/views.js";
import type { FlushInterfaceView, LacpBriefView, LacpStatisticsView, TrunkView } from "../core/parts/trunks/views.js";
import type { TrafficCounters } from "../linux/traffic-counters.js";
import type { TrafficRates } from "./traffic-rates.js";

export type { BoundBfdSessionView as BfdSessionView } from "../core/parts/bfd/display.js";
export type { CandidateView, EtrunkPacketsView, SessionCarView } from "../core/parts/etrunk/views.js";
export type {
  LacpBriefView,
  LacpStatisticsView,
  PartnerView,
  PortStatisticsView,
  PortView,
  TrunkView,
} from "../core/parts/trunks/views.js";

/**
 * What goes over the control socket: one JSON document a line, at most 64 KiB. A client sends requests, the daemon answers
 * each with one Reply; after `monitor` it sends one MonitorLine per event instead, until the client hangs up.
 */
export type Request =
  | { readonly ask: "eth-trunk"; readonly id?: number }
  | { readonly ask: "lacp-statistics"; readonly id?: number }
  | { readonly ask: "lacp-brief" }
  | { readonly ask: "alarms" }
  | { readonly ask: "version" }
  | { readonly ask: "interfaces" }
  | { readonly ask: "vlans" }
  | { readonly ask: "current-configuration" }
  | { readonly ask: "reset-lacp-statistics"; readonly id?: number; readonly interface?: string }
  | { readonly ask: "e-trunk"; readonly id?: number }
  | { readonly ask: "e-trunk-packets"; readonly id?: number }
  | { readonly ask: "why-e-trunk"; readonly id: number }
  | { readonly ask: "bfd-sessions" }
  | { readonly ask: "session-car"; readonly protocol: SessionCarView["protocol"] }
  | { readonly ask: "reset-e-trunk-statistics"; readonly id?: number }
  | { readonly ask: "reset-bfd-statistics"; readonly discriminator?: number }
  | { readonly ask: "reset-session-car"; readonly protocol: SessionCarView["protocol"] }
  | { readonly ask: "smart-link-flush" }
  | { readonly ask: "reset-smart-link-flush" }
  | { readonly ask: "protect-switch"; readonly id: number }
  | { readonly ask: "marker"; readonly id: number }
  | { readonly ask: "monitor"; readonly events: readonly string[] };

export type Reply = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: string };

/** `data` of each reply. A list where no ID was given. */
export interface Answers {
  "eth-trunk": TrunkView | { readonly trunks: readonly TrunkView[] };
  "lacp-statistics": LacpStatisticsView | { readonly trunks: readonly LacpStatisticsView[] };
  "lacp-brief": LacpBriefView;
  alarms: { readonly alarms: readonly AlarmLine[] };
  version: VersionView;
  /** In the order of the configuration; NULL0 is always there. */
  interfaces: { readonly interfaces: readonly InterfaceLine[] };
  vlans: { readonly vlans: readonly VlanLine[] };
  /** `text` in VRP form, `model` as JSON. */
  "current-configuration": { readonly text: string; readonly model: unknown };
  "reset-lacp-statistics": null;
  "e-trunk": EtrunkLine | { readonly etrunks: readonly EtrunkLine[] };
  "e-trunk-packets": EtrunkPacketsView;
  "why-e-trunk": EtrunkDecisionLine;
  "bfd-sessions": BfdSessions;
  "session-car": { readonly sessions: readonly SessionCarView[] };
  "reset-e-trunk-statistics": null;
  "reset-bfd-statistics": null;
  "reset-session-car": null;
  "smart-link-flush": { readonly interfaces: readonly FlushInterfaceLine[] };
  "reset-smart-link-flush": null;
  "protect-switch": null;
  marker: {
    readonly id: number;
    readonly ports: readonly { readonly name: string; readonly roundTripMs: number | null }[];
  };
}

/** A move of a state; `time` ISO 8601 UTC. */
export type MoveLine = Omit<MoveView, "time"> & { readonly time: string };
export type EtrunkMemberLine = Omit<EtrunkMemberView, "history"> & { readonly history: readonly MoveLine[] };
export type EtrunkLine = Omit<EtrunkView, "history" | "members"> & {
  readonly history: readonly MoveLine[];
  readonly members: readonly EtrunkMemberLine[];
};
/** `decidedAt` ISO 8601 UTC. */
export type EtrunkDecisionLine = Omit<EtrunkDecisionView, "decidedAt"> & { readonly decidedAt: string };

export interface BfdSessions {
  readonly sessions: readonly BoundBfdSessionView[];
  /** Packets that belong to no session, and faulty ones by fault. */
  readonly strays: number;
  readonly faults: { readonly [fault: string]: number };
}

/** `lastTime` ISO 8601 UTC. */
export type FlushInterfaceLine = Omit<FlushInterfaceView, "lastTime"> & { readonly lastTime: string | null };

export interface AlarmLine {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly level: string;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly text: string;
}

/** An interface of the configuration: what it is to be, and what is under it. What is not known is null. */
export interface InterfaceLine {
  readonly name: string;
  readonly kind: ListedKind;
  /** Linux name; null while there is none. */
  readonly interface: string | null;
  readonly ifindex: number | null;
  /** `standby`: down because another member, or another device, carries. */
  readonly physicalState: "up" | "down" | "administratively-down" | "standby";
  readonly protocolState: "up" | "down";
  /** NULL and loopback interfaces, which are up whatever happens. */
  readonly spoofing: boolean;
  /** Down because the other device of its E-Trunk carries. */
  readonly etrunkDown: boolean;
  readonly description: string | null;
  readonly layer: 2 | 3;
  /** The Eth-Trunk it is a member of. */
  readonly ethTrunk: number | null;
  /** Tag of a sub-interface, VLAN of a Vlanif. */
  readonly vlan: number | null;
  readonly mac: string | null;
  readonly mtu: number | null;
  /** Mbit/s: of a trunk what its members have together, and those that carry. */
  readonly bandwidth: number | null;
  readonly currentBandwidth: number | null;
  readonly hashArithmetic: string | null;
  readonly ports: readonly { readonly name: string; readonly status: string; readonly weight: number }[];
  readonly ipv4: readonly IpAddressLine[];
  readonly ipv6Enabled: boolean;
  readonly ipv6: readonly IpAddressLine[];
  /** ISO 8601 UTC, when the link last came up and went down in the life of the daemon. */
  readonly lastUp: string | null;
  readonly lastDown: string | null;
  readonly counters: TrafficCounters | null;
  /** Over the last 300 seconds, or since the daemon watches. */
  readonly rates: TrafficRates | null;
}

export interface IpAddressLine {
  readonly address: string;
  readonly length: number;
}

export interface VlanLine {
  readonly id: number;
  readonly description: string | null;
  /** The host's interface in it. */
  readonly vlanif: string | null;
  readonly ports: readonly {
    readonly name: string;
    readonly tagged: boolean;
    readonly pvid: boolean;
    readonly up: boolean;
  }[];
}

export interface VersionView {
  readonly version: string;
  readonly node: string;
  readonly kernel: string;
  /** Seconds. */
  readonly uptime: number;
  readonly systemMac: string;
  readonly sysname: string;
  readonly forwarding: string;
  /** Why it is not the first choice; null when it is. */
  readonly forwardingReason: string | null;
  readonly link: "ring" | "pcap";
  /** Lateness of the loop's timer in milliseconds. */
  readonly loopDelay: { readonly p99: number; readonly max: number };
}

/** `time` ISO 8601 UTC, `mono` microseconds of CLOCK_MONOTONIC when it was decided; then the fields of the event. */
export interface MonitorLine {
  readonly time: string;
  readonly mono: number;
  readonly event: string;
}
