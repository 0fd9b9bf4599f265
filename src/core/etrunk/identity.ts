import type { Mac } from "../base/address.js";

/** The side of a member towards the CE: the first shows its own LACP identity, the second copies that of the first. */
export type Side = "first" | "second";

/** The LACP identity of a member; undefined while its side is not known. Without an identity its LACP sends nothing. */
export interface LacpIdentity {
  readonly side: Side;
  readonly systemPriority: number;
  readonly systemId: Mac;
  /** Port key; undefined for the trunk's own. */
  readonly key?: number | undefined;
  /** The identity is the peer's; displays show `(Remote)`. */
  readonly remote: boolean;
}
