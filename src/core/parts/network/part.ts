import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import { Retries } from "../../base/retries.js";
import { earliest, later, type Micros, millis, NEVER } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { NetworkWish } from "../../contract/desired/network.js";
import type { LinkState } from "../../contract/host.js";
import type { HostChange } from "../../contract/input.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { networkConditions } from "./alarms.js";

const NO_NETWORK: NetworkWish = { interfaces: [], bridge: undefined, routes: [] };

/** Other programs change several things at once, and each is reported by itself. */
const PAUSE = millis(50);

/** What of an interface the network depends on: not its carrier, not its speed. */
const concerning = ({ name, up, mac, mtu, master }: LinkState) => ({ name, up, mac, mtu, master });

/**
 * The network of this host beside the trunks: other interfaces, addresses, the bridge, routes. The Host brings it to what is
 * configured whenever it is asked (linux/network); the part decides when:
 *
 *   with each configuration, after the data plane, whose devices it stands on
 *   50 ms after an interface changed, or, while there are routes, an address
 *   while something is refused, after a second, two, four, up to a minute
 */
export class NetworkPart implements Part<never> {
  readonly #context: PartContext;
  readonly #links = new Map<InterfaceIndex, ReturnType<typeof concerning>>();
  readonly #refused = new Retries<string>();
  /** The Host is asked when all that is due has left. */
  #isDue = false;
  /** When the Host is asked because something changed. */
  #lookAt = NEVER;
  #isLeaving = false;

  constructor(context: PartContext) {
    this.#context = context;
  }

  get #wish(): NetworkWish {
    return this.#context.device.desired?.network ?? NO_NETWORK;
  }

  prepare(desired: Desired): void {
    this.#context.host.network.prepare(desired.network ?? NO_NETWORK);
  }

  apply(): void {
    this.#isDue = true;
  }

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link") this.#linkChanged(change.link, now);
    else if (change.kind === "address") {
      // A gateway may have become a neighbour.
      if (this.#wish.routes.length > 0) this.#lookSoon(now);
    } else if (change.kind === "refused" && change.what === "network") this.#answered(change.subject, change.text, now);
  }

  #linkChanged(link: LinkState, now: Micros): void {
    const before = this.#links.get(link.index);
    const after = link.present ? concerning(link) : undefined;
    if (after === undefined) this.#links.delete(link.index);
    else this.#links.set(link.index, after);
    if (!isEqual(before, after)) this.#lookSoon(now);
  }

  #lookSoon(now: Micros): void {
    if (this.#context.device.desired !== undefined) this.#lookAt = earliest(this.#lookAt, later(now, PAUSE));
  }

  #answered(subject: string, text: string | undefined, now: Micros): void {
    if (text === undefined) this.#refused.over(subject);
    else this.#refused.refused(subject, text, now);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  expire(now: Micros): void {
    const isRetried = this.#refused.due(now).length > 0;
    if (isRetried || now >= this.#lookAt) this.#isDue = true;
  }

  nextDeadline(): Micros {
    return this.#isLeaving ? NEVER : earliest(this.#lookAt, this.#refused.nextDeadline());
  }

  rest(): void {
    if (!this.#isDue || this.#isLeaving) return;
    this.#isDue = false;
    this.#lookAt = NEVER;
    this.#context.host.network.apply(this.#wish);
  }

  alarms(): Iterable<Condition> {
    return networkConditions(this.#refused.standing());
  }
}
