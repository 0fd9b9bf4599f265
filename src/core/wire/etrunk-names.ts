// The words of displays and logs, in the order of their numbers on the wire (behaviour.md 3.4, 3.5).

export const ETRUNK_STATES = ["Init", "Backup", "Master"] as const;
export type EtrunkState = (typeof ETRUNK_STATES)[number];

export const CAUSES = [
  "PRI",
  "TIMEOUT",
  "BFD_DOWN",
  "PEER_TIMEOUT",
  "PEER_BFD_DOWN",
  "ALL_MEMBER_DOWN",
  "INIT",
  "PEER_NODE_DOWN",
] as const;
export type Cause = (typeof CAUSES)[number];

export const MEMBER_STATES = ["Backup", "Master", "Negotiation"] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

export const MEMBER_CAUSES = [
  "FORCE_BACKUP",
  "FORCE_MASTER",
  "ETRUNK_INIT",
  "ETRUNK_BACKUP",
  "ETRUNK_MASTER",
  "PEER_MEMBER_DOWN",
  "PEER_MEMBER_UP",
  "ACTIVE_ACTIVE",
  "DEGRADED_ACTIVE",
  "PEERLINK_DOWN",
  "LINK_DOWN",
  "ALL_ACTIVE",
  "PEER_BANDWIDTH_LARGE",
  "LOCAL_BANDWIDTH_LARGE",
] as const;
export type MemberCause = (typeof MEMBER_CAUSES)[number];

export const WORK_MODES = ["auto", "force-master", "force-backup"] as const;

export const SELECT_MODES = ["default", "link-number", "bandwidth"] as const;
export const AUTHENTICATION_MODES = ["hmac-sha1", "hmac-sha256", "enhanced-hmac-sha256"] as const;

/** The number of a word on the wire: lists count from `first`. */
export const numberOf = <T extends string>(words: readonly T[], word: T, first: 0 | 1): number =>
  words.indexOf(word) + first;
