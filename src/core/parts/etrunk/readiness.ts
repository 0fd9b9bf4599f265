import { automaticKey } from "../../base/lacp.js";
import { later, type Micros, micros, seconds } from "../../base/time.js";
import type { Device } from "../../device/device.js";
import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { MemberFacts } from "../../etrunk/member.js";
import { HeldLinks } from "./held-links.js";

/** How long a trunk counts as ready while its LACP looks for a partner (formats/e-trunk-hello.md 3.1). */
const LOOKING_TIME = seconds(5);
/** A partner was found: who loses it is not looking for one. */
const FOUND = micros(0);

/**
 * The capacity of member trunks: links that are up, and with LACP those whose partner is heard. A trunk whose links just came counts as
 * ready for some seconds, in which LACP finds its partner or links that were held down come up.
 */
export class Readiness {
  readonly #device: Device;
  /** Trunks whose links are up, and until when they may look for a partner. */
  readonly #lookingUntil = new Map<number, Micros>();
  readonly #heldLinks = new HeldLinks(LOOKING_TIME);
  readonly #keys = new Map<number, number>();

  constructor(device: Device) {
    this.#device = device;
  }

  factsOf(entry: TrunkEntry, now: Micros): MemberFacts {
    const { trunk, aggregator } = entry;
    const { leastLinks, leastBandwidth, lacp } = trunk.desired;
    const least = Math.max(1, leastLinks ?? 1);
    const comes = this.#heldLinks.follow(trunk, now);
    const isThere = (name: string) => comes && !(trunk.holdsDown && this.#device.adminStates.isLost(name));
    const linked = [...trunk.members()].filter(
      ({ name, link }) => link.up || (link.index !== undefined && isThere(name) && this.#device.members.isServed(name)),
    );
    const ports = linked.map(({ name }) => aggregator?.port(name)).filter((port) => port !== undefined);
    const heard = ports.filter(({ isCurrent }) => isCurrent);
    const enough = linked.length >= least && !trunk.desired.shutdown;
    const looks = aggregator !== undefined && this.#looks(trunk.id, enough, heard.length >= least, now);
    const available =
      aggregator === undefined || looks ? linked.map(({ link }) => link.speed) : heard.map(({ speed }) => speed);
    const counted = available.slice(0, aggregator === undefined ? undefined : lacp.maxLinks);
    const bandwidth = counted.reduce((sum, speed) => sum + speed, 0);
    const ready = enough && counted.length >= least && bandwidth >= (leastBandwidth ?? 0);
    return { ready, up: trunk.isUp, links: counted.length, bandwidth, key: this.#keyOf(entry) };
  }

  /** The LACP key; it stays the same while the trunk has no member, for with another key the CE aggregates anew. */
  #keyOf({ trunk, aggregator }: TrunkEntry): number {
    const { portKey, mixedRate } = trunk.desired.lacp;
    const [port] = aggregator?.members() ?? [];
    const known = this.#keys.get(trunk.id);
    const key = portKey ?? (port === undefined || port.speed === 0 ? known : undefined);
    const current = key ?? automaticKey(trunk.id, port?.speed ?? 0, mixedRate);
    this.#keys.set(trunk.id, current);
    return current;
  }

  /** Whether a trunk is in the first seconds of its links, in which it looks for a partner. */
  #looks(trunk: number, enoughLinks: boolean, hasPartner: boolean, now: Micros): boolean {
    if (!enoughLinks) this.#lookingUntil.delete(trunk);
    else if (hasPartner) this.#lookingUntil.set(trunk, FOUND);
    else if (!this.#lookingUntil.has(trunk)) this.#lookingUntil.set(trunk, later(now, LOOKING_TIME));
    return enoughLinks && now < (this.#lookingUntil.get(trunk) ?? FOUND);
  }

  /** Times until which trunks count as ready though they are not up. */
  *deadlines(): Generator<readonly [trunk: number, until: Micros]> {
    yield* this.#lookingUntil;
    yield* this.#heldLinks.deadlines();
  }
}
