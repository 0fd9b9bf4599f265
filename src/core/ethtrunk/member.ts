import type { InterfaceIndex } from "../base/protocol.js";
import { type Micros, NEVER } from "../base/time.js";

/** The state of a member: with LACP `Selected`, `Unselect`, `Indep` or `ForceUp`, without it `Up`, `Down` or `Offline`. */
export type MemberStatus = "Selected" | "Unselect" | "Indep" | "ForceUp" | "Up" | "Down" | "Offline";

export interface MemberLink {
  /** The interface under the member; undefined while there is none. */
  readonly index: InterfaceIndex | undefined;
  /** Administratively up and with carrier. */
  readonly up: boolean;
  /** Mbit/s. */
  readonly speed: number;
  /** Why the link is not up, in words. */
  readonly reason?: string | undefined;
}

/** State of a member's LACP port. */
export interface MemberLacp {
  readonly collects: boolean;
  readonly distributes: boolean;
  /** No partner is heard, be it since nothing could be heard yet. */
  readonly defaulted: boolean;
  /** The partner is heard. */
  readonly current: boolean;
  /** Nobody was heard in time. */
  readonly timedOut: boolean;
  /** Our own LACPDUs come back, so the other end is we ourselves, or a clone of us. */
  readonly hearsOwnSystem: boolean;
  /** The partner does not aggregate. */
  readonly individual: boolean;
  /** The partner still sends us data. */
  readonly partnerDistributes: boolean;
  readonly reason: string;
}

/** Settings of a member. */
export interface MemberSettings {
  readonly weight: number;
  readonly forceUp: boolean;
  /** `port-master`. */
  readonly isMaster?: boolean | undefined;
}

export interface Member {
  readonly name: string;
  weight: number;
  forceUp: boolean;
  isMaster?: boolean | undefined;
  link: MemberLink;
  /** The link was up since the interface became a member. */
  hasBeenUp: boolean;
  /** How often the link went down. */
  linkDowns: number;
  lacp: MemberLacp;
  /** The member carried when the mode changed to static: it goes on while the partner changes too. */
  graced: boolean;
  status: MemberStatus;
  /** The member carried since its link came up and nothing held it back. */
  hasCarried: boolean;
  reason: string;
  collecting: boolean;
  distributing: boolean;
  /** Interface on which the data plane collects for this member, as of its last update. */
  collectsOn: InterfaceIndex | undefined;
  /** The operator took the member out; it is gone when the partner no longer sends here. */
  leaving: boolean;
  /** Time until which the member still collects after it stopped distributing, for frames on their way. */
  lingerUntil: Micros;
}

const NO_LINK: MemberLink = { index: undefined, up: false, speed: 0, reason: "no such interface" };

/** State of a member before LACP has decided. */
export const NO_LACP: MemberLacp = {
  collects: false,
  distributes: false,
  defaulted: true,
  current: false,
  timedOut: false,
  hearsOwnSystem: false,
  individual: false,
  partnerDistributes: false,
  reason: "no partner heard",
};

export const newMember = (name: string, settings: MemberSettings, status: MemberStatus): Member => ({
  name,
  ...settings,
  link: NO_LINK,
  hasBeenUp: false,
  linkDowns: 0,
  lacp: NO_LACP,
  graced: false,
  status,
  hasCarried: false,
  reason: "added",
  collecting: false,
  distributing: false,
  collectsOn: undefined,
  leaving: false,
  lingerUntil: NEVER,
});

/** Whether a member with this status may carry traffic. */
export const forwards = (status: MemberStatus): boolean =>
  status === "Selected" || status === "Indep" || status === "ForceUp" || status === "Up";

export interface Judgement {
  readonly status: MemberStatus;
  readonly reason: string;
}

/** Modes manual and backup: the link decides. `shutDown`: mode backup holds the link down. */
export function judgeByLink({ link }: Member, shutDown: boolean): Judgement {
  const { reason = "link down" } = link;
  if (link.index === undefined) return { status: "Offline", reason };
  if (!link.up && shutDown) return { status: "Down", reason: "inactive port shut down" };
  return link.up ? { status: "Up", reason: "link up" } : { status: "Down", reason };
}

/** Whether members without a partner may carry: the trunk is not shut down, and whether `lacp force-up` acts. */
export interface WithoutPartner {
  readonly shutdown: boolean;
  readonly forcing: boolean;
}

/** Mode static: LACP decides. */
export function judgeByLacp(member: Member, { shutdown, forcing }: WithoutPartner): Judgement {
  const { link, lacp, forceUp, graced } = member;
  if (!link.up) return { status: "Unselect", reason: link.reason ?? "link down" };
  if (lacp.distributes) return { status: lacp.individual ? "Indep" : "Selected", reason: lacp.reason };
  if (lacp.defaulted && !lacp.hearsOwnSystem && !shutdown) {
    if (forceUp && forcing && lacp.timedOut) return { status: "ForceUp", reason: "forced up without a partner" };
    if (graced) return { status: "ForceUp", reason: "the mode is changing" };
  }
  return { status: "Unselect", reason: lacp.reason };
}

/**
 * Whether `lacp force-up` acts in a trunk: from when all members have timed out until one hears a partner. A link that comes
 * meanwhile has to time out itself, and does not end it for the others.
 */
export function isForcing(members: Iterable<Member>, before: boolean): boolean {
  for (const { link, lacp } of members) {
    if (!link.up) continue;
    if (lacp.current || (!lacp.timedOut && !before)) return false;
  }
  return true;
}
