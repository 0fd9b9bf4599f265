import { later, NEVER } from "../base/time.js";
import { AGGREGATION, COLLECTING, DEFAULTED, DISTRIBUTING, EXPIRED, SYNCHRONIZATION } from "../wire/lacpdu.js";
import type { MuxState } from "./mux-machine.js";
import type { Port } from "./port.js";
import { copyInformation, type PortInformation } from "./port-information.js";
import type { Selected } from "./port-variables.js";

/** The state of a port for the next process, which goes on without notice of its partner. Plain data. */
export interface SavedPort {
  readonly selected: Selected;
  readonly muxState: MuxState;
  /** The actor's state octet. */
  readonly actorState: number;
  readonly partner: PortInformation;
}

/** Starts the port in CURRENT with its old partner, until the next LACPDU or the timeout. */
export function restorePort(port: Port, saved: SavedPort): void {
  port.receive.state = "CURRENT";
  port.currentWhile = later(port.now, port.aggregator.settings.timeout);
  copyInformation(saved.partner, port.partner);
  const kept = SYNCHRONIZATION | COLLECTING | DISTRIBUTING;
  // Bits of the configuration are those of this process, bits of the machines those of the process before.
  port.actor.state = (port.actor.state & ~(kept | EXPIRED)) | (saved.actorState & kept) | AGGREGATION;
  port.setActor(DEFAULTED, false);
  port.selected = saved.selected;
  port.mux.state = saved.muxState;
  port.readyN = saved.muxState === "WAITING";
  port.waitWhile = NEVER;
  port.ntt = true;
}
