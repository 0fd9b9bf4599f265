/** The kinds of interface that may be a member of an E-Trunk, in the order of their numbers in a hello, from 1. */
export const MEMBER_KINDS = ["eth-trunk", "global-ve"] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** A member of an E-Trunk at one end: Eth-Trunk 10 and Global-VE 10 are two. */
export interface MemberKey {
  readonly kind: MemberKind;
  /** The number of the interface. */
  readonly id: number;
}

const TYPES = { "eth-trunk": "Eth-Trunk", "global-ve": "Global-VE" } as const;
export type MemberType = (typeof TYPES)[MemberKind];

/** A kind in the words of displays, events and logs. */
export const memberType = (kind: MemberKind): MemberType => TYPES[kind];

/** The name of the interface: `Eth-Trunk10`. */
export const memberName = ({ kind, id }: MemberKey): string => `${memberType(kind)}${id}`;

/** An Eth-Trunk as a member. */
export const trunkMember = (trunk: number): MemberKey => ({ kind: "eth-trunk", id: trunk });

/** The Eth-Trunk that a member is; undefined where it is of another kind. */
export const trunkOf = ({ kind, id }: MemberKey): number | undefined => (kind === "eth-trunk" ? id : undefined);
