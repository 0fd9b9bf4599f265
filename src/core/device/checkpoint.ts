import type { Mac } from "../base/address.js";
import type { MemberKey } from "../base/member-key.js";
import type { Trunk } from "../ethtrunk/trunk.js";
import type { Aggregator } from "../lacp/aggregator.js";

/** The state that the next process continues from, so that no partner notices the change. The daemon stores it as JSON. */
export interface Checkpoint {
  readonly ports: readonly PortCheckpoint[];
  readonly etrunks?: readonly EtrunkCheckpoint[];
  readonly pairs?: readonly PairCheckpoint[];
}

/** The working member of a trunk in mode backup: it goes on in the next process, whichever member is named master. */
export interface PairCheckpoint {
  readonly trunk: number;
  readonly working: string;
  /** The master without `port-master`. */
  readonly natural: string | undefined;
}

/** One E-Trunk: its state, and the role and LACP identity of each member. */
export interface EtrunkCheckpoint {
  readonly etrunk: number;
  readonly state: string;
  readonly members: readonly {
    readonly member: MemberKey;
    readonly carries: boolean;
    readonly identity: {
      readonly side: "first" | "second";
      readonly systemPriority: number;
      readonly systemId: Mac;
      readonly key?: number | undefined;
      readonly remote: boolean;
    };
  }[];
}

/** One LACP port. */
export interface PortCheckpoint {
  readonly trunk: number;
  /** Configured interface name. */
  readonly name: string;
  readonly portNumber: number;
  readonly selected: "SELECTED" | "STANDBY" | "UNSELECTED";
  readonly muxState: string;
  readonly actorState: number;
  /** Undefined when the port had no current partner. */
  readonly partner: PartnerCheckpoint | undefined;
}

interface PartnerCheckpoint {
  readonly systemPriority: number;
  readonly system: Mac;
  readonly key: number;
  readonly portPriority: number;
  readonly port: number;
  readonly state: number;
}

/** The checkpoint of ports and pairs. `portNumber`: an interface's number, without the extension a port may show. */
export function checkpointOf(
  entries: Iterable<{ readonly trunk: Trunk; readonly aggregator: Aggregator | undefined }>,
  portNumber: (name: string) => number | undefined,
): Checkpoint {
  const ports: PortCheckpoint[] = [];
  const pairs: PairCheckpoint[] = [];
  for (const { trunk, aggregator } of entries) {
    for (const port of aggregator?.members() ?? []) {
      const { name, selected, muxState, actor } = port;
      // A port without a current partner loses nothing when it begins anew.
      const partner = port.isCurrent ? { ...port.partner } : undefined;
      const number = portNumber(name) ?? actor.port;
      ports.push({ trunk: trunk.id, name, portNumber: number, selected, muxState, actorState: actor.state, partner });
    }
    const pair = trunk.savedPair();
    if (pair !== undefined) pairs.push({ trunk: trunk.id, ...pair });
  }
  return { ports, pairs };
}
