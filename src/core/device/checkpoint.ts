import type { Mac } from "../base/address.js";
import type { MemberKey } from "../base/member-key.js";
import type { Micros } from "../base/time.js";
import type { Trunk } from "../ethtrunk/trunk.js";
import type { Aggregator } from "../lacp/aggregator.js";
import type { SavedPort } from "../lacp/saved-port.js";

/** The state that the next process continues from, so that no partner notices the change. The daemon stores it as JSON. */
export interface Checkpoint {
  readonly ports: readonly PortCheckpoint[];
  readonly etrunks?: readonly EtrunkCheckpoint[];
  readonly pairs?: readonly PairCheckpoint[];
  readonly flushSenders?: readonly FlushSenderCheckpoint[];
}

/** The last Flush taken of a sender, so that no recording of it is taken by the next process. */
interface FlushSenderCheckpoint {
  readonly device: Mac;
  /** The bridge at which it was taken, or the interface without a bridge: its index, else its name. */
  readonly place: number | string;
  readonly epoch: number;
  readonly sequence: number;
  readonly at: Micros;
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
  /** The interface's number, without the extension a port may show. */
  readonly portNumber: number;
  /** Undefined: the port begins anew. */
  readonly saved: SavedPort | undefined;
}

/** The checkpoint of ports and pairs. `portNumber`: an interface's number. */
export function checkpointOf(
  entries: Iterable<{ readonly trunk: Trunk; readonly aggregator: Aggregator | undefined }>,
  portNumber: (name: string) => number | undefined,
): Checkpoint {
  const ports: PortCheckpoint[] = [];
  const pairs: PairCheckpoint[] = [];
  for (const { trunk, aggregator } of entries) {
    for (const { name, actor } of aggregator?.members() ?? [])
      ports.push({
        trunk: trunk.id,
        name,
        portNumber: portNumber(name) ?? actor.port,
        saved: aggregator?.saved(name),
      });
    const pair = trunk.savedPair();
    if (pair !== undefined) pairs.push({ trunk: trunk.id, ...pair });
  }
  return { ports, pairs };
}
