import type { BfdSession } from "../bfd/session.js";
import { DIAGNOSTICS } from "../bfd/state-table.js";

/** `display bfd session`, the interface document's fields. Intervals and times in milliseconds. */
export interface BfdSessionView {
  readonly name: string;
  readonly localDiscriminator: number;
  readonly remoteDiscriminator: number;
  readonly peerAddress: string | null;
  readonly sourceAddress: string | null;
  readonly interface: string | null;
  readonly trackInterface: string | null;
  readonly multihop: boolean;
  readonly state: string;
  readonly remoteState: string;
  readonly diagnostic: string;
  readonly minTx: number;
  readonly minRx: number;
  readonly actualTx: number;
  readonly actualRx: number;
  readonly detectMultiplier: number;
  readonly detectionTime: number;
  readonly offloaded: boolean;
  readonly upCount: number;
  readonly received: number;
  readonly sent: number;
  readonly drops: { readonly [drop: string]: number };
  readonly description: string | null;
}

export function bfdSessionView(session: BfdSession): BfdSessionView {
  const { desired, counters } = session;
  return {
    name: desired.name,
    localDiscriminator: session.localDiscriminator,
    remoteDiscriminator: session.remoteDiscriminator,
    peerAddress: (desired.peer ?? desired.group).text,
    sourceAddress: session.path?.source.text ?? desired.source?.text ?? null,
    interface: desired.interface ?? null,
    trackInterface: desired.trackInterface ?? null,
    multihop: session.isMultihop,
    state: session.state,
    remoteState: session.remoteState,
    diagnostic: DIAGNOSTICS[session.localDiagnostic] ?? String(session.localDiagnostic),
    minTx: session.minTx / 1000,
    minRx: session.minRx / 1000,
    actualTx: session.transmitInterval / 1000,
    actualRx: session.receiveInterval / 1000,
    detectMultiplier: desired.multiplier,
    detectionTime: session.detection / 1000,
    offloaded: session.paced !== undefined,
    upCount: session.upCount,
    received: counters.received,
    sent: counters.sent,
    drops: { ...session.drops },
    description: desired.description ?? null,
  };
}
