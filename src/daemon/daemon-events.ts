import type { EngineEvent } from "../core/contract/events.js";

/** What the monitor and the log tell: the engine's events and the daemon's own. */
export type DaemonEvent =
  | EngineEvent
  /** The running configuration changed; `commit` is null when it was read from the file. */
  | { readonly event: "configuration"; readonly commit: string | null };

/** The constant text of each event's log line; its data are the line's fields. */
export const EVENT_TEXTS: { readonly [Name in DaemonEvent["event"]]: string } = {
  "trunk-state": "trunk state changed",
  "port-state": "port state changed",
  "e-trunk-state": "e-trunk state changed",
  "member-state": "member state changed",
  "working-port": "working port changed",
  "flush-sent": "flush sent",
  "flush-received": "flush received",
  "bfd-state": "bfd state changed",
  announced: "addresses announced",
  alarm: "alarm raised",
  "alarm-cleared": "alarm cleared",
  "marker-answered": "marker answered",
  "pdu-refused": "PDU refused",
  "partner-key-zero": "partner uses key zero",
  configuration: "configuration applied",
};

const TRAPS: { readonly [Name in DaemonEvent["event"]]?: string } = {
  "e-trunk-state": "hwETrunkStatusChange",
  "member-state": "hwETrunkMemberStatusChange",
};

/** Notifications that tell the end of what another told. */
const RESUMED: { readonly [alarm: string]: string } = {
  hwLacpNegotiateFailed: "hwLacpNegotiateResume",
  hwLacpTotalLinkLoss: "hwLacpTotalLinkLossResume",
  hwLacpPartialLinkLoss: "hwLacpPartialLinkLossResume",
  hwETrunkExpectStateChange: "hwETrunkExpectStateResume",
};

/** The vendor's notification for an event (behaviour.md 1.9, 3.11): log lines carry its name as `trap`. */
export function trapOf(event: DaemonEvent): string | undefined {
  if (event.event === "alarm") return event.name.startsWith("hw") ? event.name : undefined;
  if (event.event === "alarm-cleared") return RESUMED[event.name];
  return TRAPS[event.event];
}
