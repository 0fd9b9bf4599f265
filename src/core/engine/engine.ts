import type { Incoming } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "../desired.js";
import type { Host, LinkState } from "../host.js";
import type { Checkpoint } from "./checkpoint.js";
import type { EngineEvent } from "./events.js";
import type { AlarmView, LacpBriefView, LacpStatisticsView, TrunkView } from "./views.js";

/** The whole of the core behind one door: inputs come in, the Host is asked, events go to `observe`. */
export class Engine {
  constructor(_host: Host, _observe: (event: EngineEvent, now: Micros) => void, _restored?: Checkpoint) {}

  /** The configuration is now this; the difference is applied. */
  command(_desired: Desired, _now: Micros): void {}
  linkChanged(_link: LinkState, _now: Micros): void {}
  /** A frame as it came off the wire, Ethernet header first. `frame` is reused: valid only until this returns. */
  frameReceived(_frame: Incoming, _now: Micros): void {}
  expire(_now: Micros): void {}
  nextDeadline(): Micros {
    return Number.POSITIVE_INFINITY as Micros;
  }
  /** Once per batch of inputs: events through the wiring, then what is due to the Host, until quiet. */
  settle(_now: Micros): void {}
  checkpoint(): Checkpoint {
    return { ports: [] };
  }

  trunks(): readonly TrunkView[] {
    return [];
  }
  lacpStatistics(): readonly LacpStatisticsView[] {
    return [];
  }
  lacpBrief(): LacpBriefView {
    return { systemPriority: 32768, systemId: "", trunks: [] };
  }
  alarms(): readonly AlarmView[] {
    return [];
  }
  /** Zeroes the LACP counters of a trunk, or of one member; of all trunks without an ID. False: no such trunk or member. */
  resetLacpStatistics(_trunk: number | undefined, _member: string | undefined): boolean {
    return true;
  }
  /** Sends a Marker on each selected port; each is answered by one `marker-answered` event. Undefined: no such static trunk. */
  sendMarkers(_trunk: number, _now: Micros): { readonly port: string; readonly transaction: number }[] | undefined {
    return [];
  }
}
