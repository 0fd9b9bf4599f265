import type { Mac } from "../base/address.js";
import { dynamicSessionName } from "../base/bfd.js";
import type { MemberKey } from "../base/member-key.js";
import { earliest, later, type Micros, micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunk } from "../contract/desired/etrunk.js";
import type { Cause, EtrunkState } from "../wire/etrunk-names.js";
import { BfdVote } from "./bfd-vote.js";
import type { ElectionInputs } from "./election.js";
import { type Mismatch, signingKey } from "./hello/authenticator.js";
import { History } from "./history.js";
import type { LacpIdentity } from "./identity.js";
import type { EtrunkMember } from "./member.js";
import type { Peer } from "./peer.js";

/**
 * The state of the tracked BFD session. `none`: no session is tracked, or it was never up. `signalled`: it is down because the peer
 * says so. `down`: the peer is silent.
 */
export type BfdState = "none" | "up" | "signalled" | "down" | "admin-down";

/** The state of an E-Trunk for the next process, which goes on in its role. Plain data. */
export interface SavedEtrunk {
  readonly etrunk: number;
  readonly state: string;
  readonly members: readonly {
    readonly member: MemberKey;
    readonly carries: boolean;
    readonly identity: LacpIdentity;
  }[];
}

/** The variables of one E-Trunk, as plain data. The class `Etrunk` owns them, and all others read them. */
export interface EtrunkVariables {
  readonly settings: DesiredEtrunk;
  /** MAC address of this device, our system ID in the election. */
  readonly deviceMac: Mac;
  /**
   * The state of the process before, or before the addresses changed; it counts until the peer is heard or the fail time is over.
   */
  readonly resumed: SavedEtrunk | undefined;
  /** Members by name, such as `Eth-Trunk10`. */
  readonly members: ReadonlyMap<string, Readonly<EtrunkMember>>;

  // The last decision.

  readonly state: EtrunkState;
  readonly cause: Cause;
  /** Inputs of the last decision. */
  readonly inputs: ElectionInputs | undefined;
  /** Time of the last change of state or cause. */
  readonly decidedAt: Micros;
  /** Time of the last decision; timers that were over by then are not due again. */
  readonly now: Micros;
  readonly history: History<EtrunkState, Cause>;

  // The peer.

  /** The peer by its last believed hello; it stays when the peer falls silent. */
  readonly peer: Peer | undefined;
  /** A hello was believed within the peer's fail time, and BFD did not go down since. */
  readonly hearing: boolean;
  readonly everHeard: boolean;
  /** Our first fail time is over, and no hello came. */
  readonly neverHeard: boolean;
  /** Time at which hellos could be sent first. */
  readonly startedAt: Micros;
  readonly bfd: BfdState;
  /** The tracked session went down, and no hello was believed since. */
  readonly bfdFell: boolean;
  /** Whether the session's fall counts. */
  readonly bfdVote: BfdVote;
  /** Times at which the peer began another run, the latest last. */
  readonly peerRuns: readonly Micros[];
  /** Begin of the time in which the peer is heard and the tracked session does not stay up. */
  readonly bfdMissingSince: Micros;
  /** Begin of the time in which the session is up. */
  readonly bfdUpSince: Micros;
  /** Begin of the time in which the peer is Master because it does not hear us. */
  readonly deafSince: Micros;

  // A planned stop.

  readonly leavingSince: Micros;
  /** The peer has taken over, or its time is over. */
  readonly handedOver: boolean;

  // Obstacles.

  readonly sourceHere: boolean;
  /** Reason why the UDP socket cannot be opened. */
  readonly socketTrouble: string | undefined;
  /** Why hellos are refused since the last one that was believed. */
  readonly mismatch: Mismatch | undefined;
  /** End of the alarm of the last datagram that session-CAR dropped. */
  readonly policedUntil: Micros;
}

/** Variables as their owner has them. */
export type Writable<Variables> = { -readonly [Name in keyof Variables]: Variables[Name] };

export const newVariables = (
  settings: DesiredEtrunk,
  deviceMac: Mac,
  resumed: SavedEtrunk | undefined,
  members: ReadonlyMap<string, EtrunkMember>,
): Writable<EtrunkVariables> => ({
  settings,
  deviceMac,
  resumed,
  members,
  state: "Init",
  cause: "INIT",
  inputs: undefined,
  decidedAt: micros(0),
  now: micros(0),
  history: new History(),
  peer: undefined,
  hearing: false,
  everHeard: false,
  neverHeard: false,
  startedAt: NEVER,
  bfd: "none",
  bfdFell: false,
  bfdVote: new BfdVote(),
  peerRuns: [],
  bfdMissingSince: NEVER,
  bfdUpSince: NEVER,
  deafSince: NEVER,
  leavingSince: NEVER,
  handedOver: false,
  sourceHere: false,
  socketTrouble: undefined,
  mismatch: undefined,
  policedUntil: NEVER,
});

/** How long the tracked session may take to come up before an alarm tells. */
const BFD_PATIENCE = seconds(15);
/** How long it is up when it is not taken for one that comes and goes. */
export const BFD_STEADY = seconds(5);
/** How long a Master that does not hear us has time to hear us again. */
const DEAF_TIME = seconds(1);
/** How long the peer has time to take over in a planned stop. */
const LEAVING_TIME = seconds(1);

export const failTimeOf = ({ helloInterval, multiplier }: DesiredEtrunk): Micros => micros(helloInterval * multiplier);

/** The name of the tracked BFD session, a configured one or the E-Trunk's own; undefined without one. */
export const trackedSession = ({ bfd, id }: DesiredEtrunk): string | undefined =>
  bfd?.kind === "session" ? bfd.name : bfd && dynamicSessionName(id);

/** Addresses and a usable key are configured. */
const isEquipped = ({ settings }: EtrunkVariables): boolean =>
  settings.addresses !== undefined && signingKey(settings) !== undefined;

/** Hellos can be sent: the source address is on this host too. */
export const canSpeak = (etrunk: EtrunkVariables): boolean => isEquipped(etrunk) && etrunk.sourceHere;

/**
 * The E-Trunk has, or had, a path to its peer. When the source address goes after the peer was heard, or is not here when a role is
 * resumed, the path is lost: the interface may have gone with the peer.
 */
export const hasPath = (etrunk: EtrunkVariables): boolean =>
  canSpeak(etrunk) || (isEquipped(etrunk) && (etrunk.everHeard || etrunk.resumed !== undefined));

/** End of the time to hear a first hello; NEVER when one was heard or hellos cannot be sent yet. */
export const waitsUntil = ({ everHeard, startedAt, settings }: EtrunkVariables): Micros =>
  everHeard ? NEVER : later(startedAt, failTimeOf(settings));

/** No hello was believed since the start, and our own fail time is not over. */
export const isWaiting = (etrunk: EtrunkVariables): boolean => !etrunk.everHeard && etrunk.now < waitsUntil(etrunk);

/** The process goes on from a checkpoint, and has not heard the peer. */
export const isResuming = (etrunk: EtrunkVariables): boolean => etrunk.resumed !== undefined && isWaiting(etrunk);

export const isLeaving = ({ leavingSince }: EtrunkVariables): boolean => leavingSince !== NEVER;

export const isSomeoneLeaving = (etrunk: EtrunkVariables): boolean => isLeaving(etrunk) || etrunk.peer?.leaves === true;

/** The peer has been deaf, a Master that does not hear us, for long enough. */
export const isPeerDeaf = ({ hearing, deafSince }: EtrunkVariables, now: Micros): boolean =>
  hearing && now >= later(deafSince, DEAF_TIME);

/** The tracked session has not stayed up for so long that an alarm tells. */
export const isBfdMissing = ({ bfdMissingSince, now }: EtrunkVariables): boolean =>
  now >= later(bfdMissingSince, BFD_PATIENCE);

/** So many runs of the peer within such a time are no restarts of an operator. */
const MOST_RUNS = 3;
const RUNS_TIME = seconds(30);
export const recentRuns = ({ peerRuns }: EtrunkVariables, now: Micros): readonly Micros[] =>
  peerRuns.filter((at) => now - at < RUNS_TIME);
export const isPeerRestless = (etrunk: EtrunkVariables): boolean => recentRuns(etrunk, etrunk.now).length >= MOST_RUNS;

/** Hellos follow each other fast: the peer must take over, or must hear us before its second is over. */
export const isUrgent = (etrunk: EtrunkVariables): boolean =>
  isLeaving(etrunk) || (etrunk.deafSince !== NEVER && etrunk.now < later(etrunk.deafSince, DEAF_TIME));

/** The peer's time to take over in a planned stop is over. */
export const isLeavingOver = ({ leavingSince }: EtrunkVariables, now: Micros): boolean =>
  now >= later(leavingSince, LEAVING_TIME);

/**
 * The next time at which a decision may change by time alone; timers that were over at the last one are not due again.
 */
export function decisionDeadline(etrunk: EtrunkVariables): Micros {
  const {
    hearing,
    peer,
    policedUntil,
    deafSince,
    leavingSince,
    handedOver,
    now,
    bfdMissingSince,
    bfdUpSince,
    bfdVote,
    peerRuns,
  } = etrunk;
  const pending = (due: Micros): Micros => (due > now ? due : NEVER);
  let next = hearing && peer !== undefined ? peer.deadline : NEVER;
  next = earliest(next, policedUntil);
  next = earliest(next, pending(waitsUntil(etrunk)));
  next = earliest(next, pending(later(deafSince, DEAF_TIME)));
  next = earliest(next, pending(later(bfdMissingSince, BFD_PATIENCE)));
  next = earliest(next, pending(later(bfdUpSince, BFD_STEADY)));
  next = earliest(next, pending(bfdVote.lostUntil));
  for (const at of peerRuns) next = earliest(next, pending(later(at, RUNS_TIME)));
  if (!handedOver) next = earliest(next, later(leavingSince, LEAVING_TIME));
  for (const member of etrunk.members.values()) next = earliest(next, member.nextDeadline(now));
  return next;
}
