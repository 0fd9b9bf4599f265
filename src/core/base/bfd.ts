/** UDP destination port of a session on one link (RFC 5881 4). */
export const SINGLE_HOP_PORT = 3784;
/** UDP destination port of the echo function (RFC 5881 4), which we leave out. */
export const ECHO_PORT = 3785;
/** UDP destination port of a session over several hops (RFC 5883 5). */
export const MULTI_HOP_PORT = 4784;
/** UDP destination ports of control packets. */
export const BFD_PORTS: readonly number[] = [SINGLE_HOP_PORT, MULTI_HOP_PORT];

/** The types of authentication in the order of their numbers, from 1 (RFC 5880 4.1). */
export const BFD_AUTHENTICATION_TYPES = ["simple", "md5", "met-md5", "sha1", "met-sha1"] as const;
export type BfdAuthenticationType = (typeof BFD_AUTHENTICATION_TYPES)[number];

/** Name of the BFD session that `e-trunk bfd enable` makes. */
export const dynamicSessionName = (etrunk: number): string => `dyn_etrunk_${etrunk}`;
