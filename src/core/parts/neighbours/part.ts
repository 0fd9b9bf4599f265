import type { Micros } from "../../base/time.js";
import { type Announced, Announcer } from "../../neighbours/announcer.js";
import type { Part, PartContext } from "../part.js";
import { hostsBehind } from "./hosts-behind.js";

/** Announces the addresses of this host behind a trunk that takes over: the network has to learn where they are now. */
export class NeighboursPart implements Part<Announced> {
  readonly #context: PartContext;
  readonly #announcer = new Announcer();

  constructor(context: PartContext) {
    this.#context = context;
  }

  /** A trunk carries from now on, for this reason. */
  announce(trunk: number, reason: string, now: Micros): void {
    const { device } = this.#context;
    // The trunk may have gone down again in the same moment; then the peer speaks for the addresses.
    if (device.trunk(trunk)?.trunk.isUp !== true) return;
    for (const host of hostsBehind(device, trunk)) this.#announcer.announce({ trunk, reason, ...host }, now);
  }

  /** A trunk carries no more: the other PE speaks for its addresses. */
  trunkDown(trunk: number): void {
    this.#announcer.stop(trunk);
  }

  nextDeadline(): Micros {
    return this.#announcer.nextDeadline();
  }

  nextEvent(): Announced | undefined {
    return this.#announcer.nextEvent();
  }

  send(now: Micros): boolean {
    const { host, out } = this.#context;
    let sent = false;
    while (this.#announcer.transmit(out, now)) {
      host.link.send(out);
      sent = true;
    }
    return sent;
  }
}
