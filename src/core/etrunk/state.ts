import type { Mac } from "../base/address.js";
import { dynamicSessionName } from "../base/bfd.js";
import type { MemberKey } from "../base/member-key.js";
import { earliest, later, type Micros, micros, NEVER, seconds } from "../base/time.js";
import type { DesiredEtrunk } from "../contract/desired/etrunk.js";
import type { Cause, EtrunkState } from "../wire/etrunk-names.js";
import { type Mismatch, signingKey } from "./authenticator.js";
import type { ElectionInputs } from "./election.js";
import { History } from "./history.js";
import type { LacpIdentity } from "./identity.js";
import type { EtrunkMember } from "./member.js";
import type { Peer } from "./peer.js";

/** The tracked BFD session, as far as the E-Trunk cares. `none`: nothing is tracked, or it was never up. */
export type BfdState = "none" | "up" | "down" | "admin-down";

/** Enough of an E-Trunk for the next process to go on in its role. Plain data. */
export interface SavedEtrunk {
  readonly etrunk: number;
  readonly state: string;
  readonly members: readonly {
    readonly member: MemberKey;
    readonly carries: boolean;
    readonly identity: LacpIdentity;
  }[];
}

/** Every variable of one E-Trunk, as plain data. The class `Etrunk` writes them; the functions of this folder read them. */
export interface EtrunkVariables {
  readonly settings: DesiredEtrunk;
  /** Our system ID in the election. */
  readonly deviceMac: Mac;
  /** What the process before left: it holds until the peer is heard or its silence counts. */
  readonly resumed: SavedEtrunk | undefined;
  /** By name: `Eth-Trunk10`. */
  readonly members: ReadonlyMap<string, Readonly<EtrunkMember>>;

  // The last decision.

  readonly state: EtrunkState;
  readonly cause: Cause;
  /** What the last decision looked at. */
  readonly inputs: ElectionInputs | undefined;
  /** When state or cause changed last. */
  readonly decidedAt: Micros;
  /** The moment of the last decision: timers that were over by then are not due again. */
  readonly now: Micros;
  readonly history: History<EtrunkState, Cause>;

  // The peer.

  /** The last believed hello; it stays when the peer falls silent. */
  readonly peer: Peer | undefined;
  /** A believed hello came within the peer's fail time, and BFD has not gone down since. */
  readonly hearing: boolean;
  readonly everHeard: boolean;
  /** When hellos could be sent for the first time. */
  readonly startedAt: Micros;
  readonly bfd: BfdState;
  /** The tracked session went down, and no believed hello has come since. */
  readonly bfdFell: boolean;
  /** Since when the peer is Master because it does not hear us. */
  readonly deafSince: Micros;

  // A planned stop.

  readonly leavingSince: Micros;
  /** The peer has taken over, or had its second. */
  readonly handedOver: boolean;

  // What stands in the way.

  readonly sourceHere: boolean;
  /** Why its UDP socket cannot be opened. */
  readonly socketTrouble: string | undefined;
  /** The last refusal that names a difference between the two configurations. */
  readonly mismatch: Mismatch | undefined;
  /** Until when the last hello dropped by session-CAR is worth an alarm. */
  readonly policedUntil: Micros;
}

/** Variables in the hands of their owner. */
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
  startedAt: NEVER,
  bfd: "none",
  bfdFell: false,
  deafSince: NEVER,
  leavingSince: NEVER,
  handedOver: false,
  sourceHere: false,
  socketTrouble: undefined,
  mismatch: undefined,
  policedUntil: NEVER,
});

/** A Master that does not hear us is given this long to hear us again. */
const DEAF_TIME = seconds(1);
/** A peer that is asked to take over is given this long. */
const LEAVING_TIME = seconds(1);

export const failTimeOf = ({ helloInterval, multiplier }: DesiredEtrunk): Micros => micros(helloInterval * multiplier);

/** The name of the BFD session an E-Trunk follows: a configured one, or its own; undefined where it follows none. */
export const trackedSession = ({ bfd, id }: DesiredEtrunk): string | undefined =>
  bfd?.kind === "session" ? bfd.name : bfd && dynamicSessionName(id);

/** Addresses and a usable key are configured. */
export const isEquipped = ({ settings }: EtrunkVariables): boolean =>
  settings.addresses !== undefined && signingKey(settings) !== undefined;

/** Hellos can be sent. */
export const canSpeak = (etrunk: EtrunkVariables): boolean => isEquipped(etrunk) && etrunk.sourceHere;

/** When the time to hear a first hello is over; NEVER where one was heard or none can come. */
const waitsUntil = ({ everHeard, startedAt, settings }: EtrunkVariables): Micros =>
  everHeard ? NEVER : later(startedAt, failTimeOf(settings));

/** Since the start no hello came, and our own fail time is not over. */
export const isWaiting = (etrunk: EtrunkVariables): boolean => !etrunk.everHeard && etrunk.now < waitsUntil(etrunk);

/** We go on from a checkpoint and have not heard the peer yet. */
export const isResuming = (etrunk: EtrunkVariables): boolean => etrunk.resumed !== undefined && isWaiting(etrunk);

export const isLeaving = ({ leavingSince }: EtrunkVariables): boolean => leavingSince !== NEVER;

export const isSomeoneLeaving = (etrunk: EtrunkVariables): boolean => isLeaving(etrunk) || etrunk.peer?.leaves === true;

/** The peer is Master because it does not hear us, and has been for long enough. */
export const isPeerDeaf = ({ hearing, deafSince }: EtrunkVariables, now: Micros): boolean =>
  hearing && now >= later(deafSince, DEAF_TIME);

/** The peer that is asked to take over has had its time. */
export const isLeavingOver = ({ leavingSince }: EtrunkVariables, now: Micros): boolean =>
  now >= later(leavingSince, LEAVING_TIME);

/** When the passing of time alone changes a decision; what was over at the last decision is not due again. */
export function decisionDeadline(etrunk: EtrunkVariables): Micros {
  const { hearing, peer, policedUntil, deafSince, leavingSince, handedOver, now } = etrunk;
  const pending = (due: Micros): Micros => (due > now ? due : NEVER);
  let next = hearing && peer !== undefined ? peer.deadline : NEVER;
  next = earliest(next, policedUntil);
  next = earliest(next, pending(waitsUntil(etrunk)));
  next = earliest(next, pending(later(deafSince, DEAF_TIME)));
  if (!handedOver) next = earliest(next, later(leavingSince, LEAVING_TIME));
  for (const member of etrunk.members.values()) next = earliest(next, member.nextDeadline(now));
  return next;
}
