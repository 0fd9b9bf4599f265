import type { Mac } from "../base/address.js";
import type { DesiredEtrunkMember } from "../contract/desired/etrunk.js";
import { type HelloMember, MEMBER_OFFSET, MEMBER_SETTLED, MEMBER_UP } from "../wire/etrunk-hello.js";
import { MEMBER_STATES, numberOf } from "../wire/etrunk-names.js";
import type { LacpIdentity, Side } from "./identity.js";
import type { EtrunkMember } from "./member.js";

const DEFAULT_LACP_PRIORITY = 32_768;
const MASTER = numberOf(MEMBER_STATES, "Master", 1);

export const isSettled = (member: HelloMember): boolean => (member.flags & MEMBER_SETTLED) !== 0;
export const sideOf = (member: HelloMember): Side => ((member.flags & MEMBER_OFFSET) !== 0 ? "second" : "first");
const otherThan = (side: Side): Side => (side === "first" ? "second" : "first");

/** The inputs of the decision on a side. */
export interface SideInputs {
  /** No addresses are configured, so no peer can be heard. */
  readonly alone: boolean;
  readonly hearing: boolean;
  /** Our first fail time is not over. */
  readonly waiting: boolean;
  readonly weAreSmaller: boolean;
  readonly peer: HelloMember | undefined;
}

/**
 * Decides the side of a member towards the CE: the first shows its own identity, the second copies it and adds an
 * offset to its port numbers. A side stays once it is known. Undefined: not known yet; LACP must send nothing then,
 * since a CE keeps the identity that it hears first.
 */
export function settleSide(member: EtrunkMember, inputs: SideInputs): Side | undefined {
  const { alone, hearing, waiting, weAreSmaller, peer } = inputs;
  if (member.side === undefined) {
    if (alone) return "first";
    if (!hearing) return waiting ? undefined : "first";
    if (peer === undefined) return "first";
    if (isSettled(peer)) return otherThan(sideOf(peer));
    return weAreSmaller ? "first" : undefined;
  }
  if (!hearing || peer === undefined || !isSettled(peer) || sideOf(peer) !== member.side) return member.side;
  return mustYield(member, peer, weAreSmaller) ? otherThan(member.side) : member.side;
}

/** When both ends have the same side, the end that forwards nothing changes its side; while both forward, none does. */
function mustYield(member: EtrunkMember, peer: HelloMember, weAreSmaller: boolean): boolean {
  const peerForwards = (peer.flags & MEMBER_UP) !== 0;
  if (member.forwards !== peerForwards) return peerForwards;
  if (member.forwards) return false;
  const peerCarries = peer.state === MASTER;
  return member.carries === peerCarries ? !weAreSmaller : peerCarries;
}

/** The LACP identity of a side; undefined while the second has not heard the identity it must copy. */
export function identityOf(
  side: Side,
  configured: DesiredEtrunkMember,
  deviceMac: Mac,
  peer: HelloMember | undefined,
  before: LacpIdentity | undefined,
): LacpIdentity | undefined {
  if (side === "first")
    return {
      side,
      systemPriority: configured.systemPriority ?? DEFAULT_LACP_PRIORITY,
      systemId: configured.systemId ?? deviceMac,
      key: undefined,
      remote: false,
    };
  const copied = peer !== undefined && isSettled(peer) ? peer : before?.side === "second" ? before : undefined;
  if (copied === undefined) return undefined;
  const systemId = "system" in copied ? copied.system : copied.systemId;
  const key = copied.key;
  return {
    side,
    systemPriority: configured.systemPriority ?? copied.systemPriority,
    systemId: configured.systemId ?? systemId,
    key,
    remote: configured.systemId === undefined,
  };
}
