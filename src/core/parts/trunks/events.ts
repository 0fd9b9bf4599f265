import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { TrunkEvent } from "../../ethtrunk/trunk-event.js";
import type { LacpEvent } from "../../lacp/lacp-event.js";
import { stateText } from "../../lacp/port-information.js";

type PortState = Extract<TrunkEvent, { kind: "port-state" }>;

/** Events of LACP and of the trunks; an event of a trunk carries the state of LACP as well. */
export type TrunksEvent =
  | LacpEvent
  | Exclude<TrunkEvent, PortState>
  /** What the checkpoint says of a port does not fit: it begins anew, at least in part. */
  | { readonly kind: "port-unresumed"; readonly trunk: number; readonly port: string; readonly reason: string }
  /** `portState`: eight characters, bit 0 of the actor's state first; undefined where no LACP runs. */
  | (PortState & { readonly portState: string | undefined })
  /** What the data plane serves of a trunk is another thing now. */
  | { readonly kind: "forwarding-served"; readonly trunk: number }
  /** Somebody else changed what the data plane made, and what follows. */
  | {
      readonly kind: "forwarding-changed";
      readonly trunk: number;
      readonly port: string | null;
      readonly found: string;
      readonly action: "put back" | "held back" | "put back later";
    };

/** Adds the state of LACP to a trunk's event. */
export function withLacp(event: TrunkEvent, { aggregator }: TrunkEntry): TrunksEvent {
  if (event.kind !== "port-state") return event;
  const port = aggregator?.port(event.port);
  return { ...event, portState: port && stateText(port.actor.state) };
}
