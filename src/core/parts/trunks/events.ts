import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { TrunkEvent } from "../../ethtrunk/trunk-event.js";
import type { LacpEvent } from "../../lacp/lacp-event.js";
import { stateText } from "../../lacp/port-information.js";

type PortState = Extract<TrunkEvent, { kind: "port-state" }>;
type TrunkState = Extract<TrunkEvent, { kind: "trunk-state" }>;

/** Events of LACP and of the trunks; an event of a trunk carries the state of LACP as well. */
export type TrunksEvent =
  | LacpEvent
  | Exclude<TrunkEvent, PortState | TrunkState>
  | (PortState & {
      /** The member's LACP port; undefined where no LACP runs. */
      readonly lacp:
        | {
            /** Eight characters, bit 0 of the actor's state first. */
            readonly portState: string;
            /** The port is enabled and not held in reserve. */
            readonly isWanted: boolean;
            /** No LACPDU came in time. */
            readonly isExpired: boolean;
          }
        | undefined;
    })
  /** `lost`: the trunk, in mode static, went down for want of members; some may still hear their partner. */
  | (TrunkState & { readonly lost: { readonly heard: number } | undefined })
  /** A trunk or a member is configured no more. */
  | { readonly kind: "removed"; readonly name: string }
  /** The data plane cannot do what it was asked, on a member or for the trunk as a whole. */
  | {
      readonly kind: "forwarding-refused";
      readonly trunk: number;
      readonly member: string | undefined;
      readonly text: string;
    }
  /** The data plane is asked again. */
  | { readonly kind: "forwarding-retried"; readonly trunk: number };

/** Adds the state of LACP to a trunk's event. */
export function withLacp(event: TrunkEvent, entry: TrunkEntry): TrunksEvent {
  if (event.kind === "port-state") return { ...event, lacp: lacpOf(event.port, entry) };
  if (event.kind === "trunk-state") return { ...event, lost: event.up ? undefined : lossOf(entry) };
  return event;
}

function lacpOf(name: string, { aggregator }: TrunkEntry): Extract<TrunksEvent, PortState>["lacp"] {
  const port = aggregator?.port(name);
  if (port === undefined) return undefined;
  return {
    portState: stateText(port.actor.state),
    isWanted: port.portEnabled && port.selected !== "STANDBY",
    isExpired: port.receiveState === "EXPIRED",
  };
}

/** The loss of a trunk that is down; undefined where its E-Trunk holds it back. */
function lossOf({ trunk, aggregator, role }: TrunkEntry): { readonly heard: number } | undefined {
  const isHeld = role !== undefined && !role.carries;
  if (isHeld || aggregator === undefined || trunk.desired.shutdown) return undefined;
  let heard = 0;
  for (const port of aggregator.members()) if (port.isCurrent) heard++;
  return { heard };
}
