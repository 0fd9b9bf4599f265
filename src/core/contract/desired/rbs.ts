import type { StreamEndpoint } from "../../base/protocol.js";
import type { RbsService } from "../../base/rbs.js";

/** `backup block`: of which types the peer is told nothing, and what it tells is not heeded. */
export interface Blocked {
  readonly send: readonly RbsService[];
  readonly receive: readonly RbsService[];
}

/** `remote-backup-service`. */
export interface DesiredRbs {
  readonly name: string;
  /** Both ends name the same port. */
  readonly endpoint: StreamEndpoint | undefined;
  /** The connection is closed on purpose. */
  readonly shutdown: boolean;
  readonly blocked: Blocked;
  /** `track bfd-session`, by local discriminator; `session`: its name, undefined where there is none. */
  readonly track: { readonly discriminator: number; readonly session: string | undefined } | undefined;
}

/** `remote-backup-profile`. */
export interface DesiredRbsProfile {
  readonly name: string;
  /** Undefined: no service carries it. */
  readonly backup: { readonly id: number; readonly service: string } | undefined;
  readonly services: readonly RbsService[];
  /** The member whose state is the role of the profile. */
  readonly member: { readonly etrunk: number; readonly trunk: number } | undefined;
  /** Configured names of the interfaces that are bound to it. */
  readonly interfaces: readonly string[];
}
