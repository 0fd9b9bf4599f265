import { isUnspecified } from "../../base/ip-address.js";
import type { BfdSession } from "../../bfd/session.js";
import type { DesiredBfdSession } from "../../contract/desired/bfd.js";
import type { PacedCounts } from "../../contract/pacing.js";
import { DIAGNOSTICS } from "../../wire/bfd-names.js";

/** `display bfd session`, the interface document's fields. Intervals and times in milliseconds. */
export interface BfdSessionView {
  readonly name: string;
  readonly type: "static" | "dynamic";
  readonly localDiscriminator: number | null;
  /** As configured, or as learnt. */
  readonly remoteDiscriminator: number | null;
  /** Null: `default-ip`. */
  readonly peerAddress: string | null;
  /** Where packets go: the peer, or the group of `default-ip`. */
  readonly destination: string;
  readonly sourceAddress: string | null;
  readonly interface: string | null;
  readonly trackInterface: string | null;
  readonly multihop: boolean;
  readonly state: string;
  readonly remoteState: string;
  readonly diagnostic: string;
  /** What keeps it from coming up; null where nothing does. */
  readonly notUpReason: string | null;
  readonly remoteDiagnostic: string;
  /** Up, and not told yet to those who track it. */
  readonly restoring: boolean;
  /** As configured; what this host can do at the least shows in the actual ones. */
  readonly minTx: number;
  readonly minRx: number;
  readonly actualTx: number;
  readonly actualRx: number;
  readonly detectMultiplier: number;
  readonly remoteMultiplier: number;
  /** 0 while the peer is not heard. */
  readonly detectionTime: number;
  readonly wtr: number;
  readonly tosExp: number;
  readonly authentication: string | null;
  readonly offloaded: boolean;
  /** Between two packets of the peer, as the pacer saw it; null where it does not have the session. */
  readonly longestSilence: number | null;
  readonly upCount: number;
  readonly received: number;
  readonly sent: number;
  readonly drops: { readonly [drop: string]: number };
  readonly description: string | null;
  /** Who follows the session: `E-TRUNK` and the like. */
  readonly applications: readonly string[];
}

const diagnosticText = (code: number): string => DIAGNOSTICS[code] ?? `Diagnostic ${code}`;

function configured(desired: DesiredBfdSession) {
  return {
    name: desired.name,
    peerAddress: desired.peer?.text ?? null,
    destination: (desired.peer ?? desired.group).text,
    interface: desired.interface ?? null,
    trackInterface: desired.trackInterface ?? null,
    multihop: desired.interface === undefined,
    minTx: desired.minTx / 1000,
    minRx: desired.minRx / 1000,
    detectMultiplier: desired.multiplier,
    wtr: desired.wtr / 1000,
    tosExp: desired.tosExp,
    authentication: desired.authentication?.type ?? null,
    description: desired.description ?? null,
  };
}

/** What a session does not know itself. */
interface SessionFacts extends Pick<BfdSessionView, "restoring" | "notUpReason" | "applications"> {
  /** What the pacer counted and the session has not been told yet. */
  readonly paced: PacedCounts | undefined;
}

export function bfdSessionView(session: BfdSession, facts: SessionFacts): BfdSessionView {
  const { restoring, notUpReason, paced, applications } = facts;
  const { desired, counters, path } = session;
  return {
    ...configured(desired),
    type: session.isDynamic ? "dynamic" : "static",
    localDiscriminator: session.localDiscriminator,
    remoteDiscriminator: session.remote.discriminator || null,
    sourceAddress: path === undefined || isUnspecified(path.source) ? (desired.source?.text ?? null) : path.source.text,
    state: session.state,
    remoteState: session.remote.state,
    diagnostic: diagnosticText(session.localDiagnostic),
    notUpReason,
    remoteDiagnostic: diagnosticText(session.remote.diagnostic),
    restoring,
    actualTx: session.transmitInterval / 1000,
    actualRx: session.receiveInterval / 1000,
    remoteMultiplier: session.remote.multiplier,
    detectionTime: session.detection / 1000,
    offloaded: session.paced !== undefined,
    longestSilence: paced === undefined ? null : paced.longestSilence / 1000,
    upCount: session.upCount,
    received: counters.received + (paced?.received ?? 0),
    sent: counters.sent + (paced?.sent ?? 0),
    drops: { ...session.drops },
    applications,
  };
}

/** The state of a session that cannot begin. */
export const idleState = ({ shutdown }: DesiredBfdSession): string => (shutdown ? "AdminDown" : "Down");

/** A session that cannot begin: without a local discriminator, or its key cannot be opened. */
export function idleSessionView(desired: DesiredBfdSession, applications: readonly string[]): BfdSessionView {
  return {
    ...configured(desired),
    type: "static",
    localDiscriminator: null,
    remoteDiscriminator: desired.remoteDiscriminator ?? null,
    sourceAddress: desired.source?.text ?? null,
    state: idleState(desired),
    remoteState: "Down",
    diagnostic: diagnosticText(0),
    notUpReason: "No local discriminator, or a key that cannot be opened",
    remoteDiagnostic: diagnosticText(0),
    restoring: false,
    actualTx: 0,
    actualRx: 0,
    remoteMultiplier: 0,
    detectionTime: 0,
    offloaded: false,
    longestSilence: null,
    upCount: 0,
    received: 0,
    sent: 0,
    drops: {},
    applications,
  };
}
