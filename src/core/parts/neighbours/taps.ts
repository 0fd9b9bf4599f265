import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import type { Micros } from "../../base/time.js";
import type { FrameFilter, Taps } from "../../contract/host.js";
import type { Links } from "../../device/links.js";
import { RefusedLinks } from "../../device/refused-links.js";
import type { Segment } from "../../neighbours/segment.js";
import { ETHERTYPE_ARP } from "../../wire/arp.js";
import { ADVERTISEMENT, SOLICITATION } from "../../wire/neighbour-discovery.js";

const FILTERS: { readonly [service in "arp" | "nd"]: readonly FrameFilter[] } = {
  arp: [{ type: ETHERTYPE_ARP }],
  nd: [{ icmpv6: SOLICITATION }, { icmpv6: ADVERTISEMENT }],
};

/** What is wanted of the taps: ARP and ND of the interfaces whose hosts are learned. */
export class NeighbourTaps {
  readonly #host: Taps;
  readonly #refused: RefusedLinks;
  #wanted: { readonly arp: readonly InterfaceIndex[]; readonly nd: readonly InterfaceIndex[] } = { arp: [], nd: [] };

  constructor(host: Taps, links: Links) {
    this.#host = host;
    this.#refused = new RefusedLinks(links);
  }

  listen(segments: readonly Segment[]): void {
    const on = (service: "arp" | "nd"): InterfaceIndex[] =>
      segments.filter((segment) => segment[service] !== undefined).map(({ index }) => index);
    const wanted = { arp: on("arp"), nd: on("nd") };
    if (isEqual(wanted, this.#wanted)) return;
    this.#wanted = wanted;
    this.#ask();
  }

  #ask(): void {
    for (const service of ["arp", "nd"] as const)
      for (const filter of FILTERS[service]) this.#host.listen(filter, this.#wanted[service]);
  }

  answered(index: InterfaceIndex, text: string | undefined, now: Micros): void {
    const isOurs = this.#wanted.arp.includes(index) || this.#wanted.nd.includes(index);
    this.#refused.answered(index, isOurs ? text : undefined, now);
  }

  expire(now: Micros): void {
    if (this.#refused.due(now).length > 0) this.#ask();
  }

  nextDeadline(): Micros {
    return this.#refused.nextDeadline();
  }

  standing(): Iterable<readonly [name: string, text: string]> {
    return this.#refused.standing();
  }
}
