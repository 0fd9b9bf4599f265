import { NEIGHBOUR_WIDTHS, type NeighbourService, type NeighboursOfProfile } from "../../base/neighbours/tables.js";
import type { Micros } from "../../base/time.js";
import { trunkOfName } from "../../base/trunk-names.js";
import type { Desired } from "../../contract/desired/desired.js";
import { type Announced, Announcer } from "../../neighbours/announcer.js";
import type { Part, PartContext } from "../part.js";
import { hostsBehind } from "./hosts-behind.js";

/**
 * Announcements of this host's own addresses behind a trunk that takes over (neighbours/announcer.ts). The network learns by them
 * that the addresses, which both PEs of an E-Trunk have, are reached here from now on:
 *
 *   event `announce` --> hosts-behind.ts: which interfaces --> gratuitous ARP, unsolicited NA
 *   event `trunk-state` down --> the rest is dropped
 */
export class NeighboursPart implements Part<Announced> {
  readonly #context: PartContext;
  readonly #announcer = new Announcer();

  constructor(context: PartContext) {
    this.#context = context;
  }

  apply({ rbsProfiles = [] }: Desired): void {
    const wanted: NeighboursOfProfile[] = [];
    for (const { name: profile, services, interfaces } of rbsProfiles) {
      const trunk = interfaces.map(mainTrunkOf).find((found) => found !== undefined);
      for (const service of services)
        if (trunk !== undefined && isOfNeighbours(service)) wanted.push({ profile, trunk, service });
    }
    this.#context.device.neighbours.set(wanted);
    this.#context.device.neighbours.sweep();
  }

  /** Announces the addresses behind a trunk that carries from now on. */
  announce(trunk: number, reason: string, now: Micros): void {
    const { device } = this.#context;
    // A trunk that went down again in the same turn carries no more, so the peer announces.
    if (device.trunk(trunk)?.trunk.isUp !== true) return;
    for (const host of hostsBehind(device, trunk)) this.#announcer.announce({ trunk, reason, ...host }, now);
  }

  /** A trunk carries no more: the other PE announces the addresses. */
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

const isOfNeighbours = (service: string): service is NeighbourService => service in NEIGHBOUR_WIDTHS;
/** Of a trunk, or of a sub-interface of it. */
const mainTrunkOf = (name: string): number | undefined => trunkOfName(name.split(".")[0] as string);
