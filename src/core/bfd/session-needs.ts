import type { Digests } from "../base/digests.js";
import type { IpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Random } from "../base/random.js";
import type { PacedCounts } from "../contract/pacing.js";

/** Path of a session. */
export interface SessionPath {
  /** Source address; the unspecified one leaves the choice to the kernel. */
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly to: InterfaceIndex | undefined;
  /** No router is on it. */
  readonly isNear: boolean;
}

/** Properties that a session keeps for its whole life. */
export interface SessionIdentity {
  readonly localDiscriminator: number;
  readonly sourcePort: number;
  readonly isDynamic: boolean;
}

/** The pacer's side of a session that signs. */
export interface PacerNumbers {
  counts(session: number): PacedCounts | undefined;
  nextNumber(session: number): number | undefined;
}

/** What all sessions use. */
export interface SessionNeeds {
  readonly random: Random;
  readonly digests: Digests;
  readonly pacer: PacerNumbers;
}
