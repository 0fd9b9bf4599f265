import type { Mac } from "../base/address.js";

/** Which of the two PEs a member is towards the CE: the first shows its own LACP identity, the second copies it. */
export type Side = "first" | "second";

/** The LACP identity of a trunk in an E-Trunk; undefined while its side is not known: then its LACP sends nothing. */
export interface LacpIdentity {
  readonly side: Side;
  readonly systemPriority: number;
  readonly systemId: Mac;
  /** Undefined: the trunk's own. */
  readonly key?: number | undefined;
  /** Taken from the peer, `(Remote)`. */
  readonly remote: boolean;
}
