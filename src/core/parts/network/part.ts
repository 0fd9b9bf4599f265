import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import { Repairs } from "../../base/repairs.js";
import { Retries } from "../../base/retries.js";
import { earliest, later, type Micros, millis, NEVER, seconds } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { NetworkWish } from "../../contract/desired/network.js";
import type { AddressState, LinkState } from "../../contract/host.js";
import type { HostChange } from "../../contract/input.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { networkConditions } from "./alarms.js";

const NO_NETWORK: NetworkWish = { interfaces: [], bridge: undefined, routes: [] };

/** Other programs change several things at once, and each is reported by itself. */
const PAUSE = millis(50);
const ROUND = seconds(60);

/** What of an interface the network depends on: not its carrier, not its speed. */
const concerning = ({ name, up, mac, mtu, master }: LinkState) => ({ name, up, mac, mtu, master });

export type NetworkEvent =
  /** Somebody changed these, which were put back; when he does so again it takes longer if `action` says so. */
  | { readonly kind: "network-changed"; readonly found: string; readonly action: "put back" | "put back later" }
  /** All of it has stood for a while. */
  | { readonly kind: "network-stands" };

/** One key for all of it, for the Host brings all of it to what is configured. */
const NETWORK = "network";

/**
 * The network of this host beside the trunks: other interfaces, addresses, the bridge, routes. The Host brings it to what is
 * configured whenever it is asked (linux/network), and tells what somebody had changed; the part decides when:
 *
 *   with each configuration, after the data plane, whose devices it stands on
 *   50 ms after an interface changed, an address or a route went, or, while there are routes, an address came; with growing pauses while somebody keeps changing what is
 *   configured (base/repairs.ts)
 *   while something is refused, after a second, two, four, up to a minute
 *   once a minute, for the kernel does not tell everything
 */
export class NetworkPart implements Part<NetworkEvent> {
  readonly #context: PartContext;
  readonly #links = new Map<InterfaceIndex, ReturnType<typeof concerning>>();
  readonly #refused = new Retries<string>();
  readonly #repairs = new Repairs<typeof NETWORK>();
  readonly #events: NetworkEvent[] = [];
  /** The Host is asked when all that is due has left. */
  #isDue = false;
  /** When the Host is asked because something changed. */
  #lookAt = NEVER;
  /** When the Host is asked whatever changed or did not. */
  #roundAt = NEVER;
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
    else if (change.kind === "address") this.#addressChanged(change.address, now);
    else if (change.kind === "route-gone") this.#lookSoon(now);
    else if (change.kind === "network") this.#changed(change.changed, now);
    else if (change.kind === "refused" && change.what === "network") this.#answered(change.subject, change.text, now);
  }

  #linkChanged(link: LinkState, now: Micros): void {
    const before = this.#links.get(link.index);
    const after = link.present ? concerning(link) : undefined;
    if (after === undefined) this.#links.delete(link.index);
    else this.#links.set(link.index, after);
    if (!isEqual(before, after)) this.#lookSoon(now);
  }

  /** One that goes may be ours; with one that comes a gateway may be a neighbour. */
  #addressChanged({ present }: AddressState, now: Micros): void {
    const { interfaces, routes } = this.#wish;
    if (routes.length > 0 || (!present && interfaces.length > 0)) this.#lookSoon(now);
  }

  /** What somebody changed has been put back; when he does so too often the next time comes later. */
  #changed(changed: readonly string[], now: Micros): void {
    this.#repairs.changed(NETWORK, now);
    const isOut = this.#repairs.isOut(NETWORK);
    if (!isOut) this.#repairs.due(now);
    this.#events.push({
      kind: "network-changed",
      found: changed.join(", "),
      action: isOut ? "put back later" : "put back",
    });
  }

  #lookSoon(now: Micros): void {
    if (this.#context.device.desired === undefined || this.#repairs.isAwaited(NETWORK)) return;
    this.#lookAt = earliest(this.#lookAt, later(now, PAUSE));
  }

  #answered(subject: string, text: string | undefined, now: Micros): void {
    if (text === undefined) this.#refused.over(subject);
    else this.#refused.refused(subject, text, now);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  expire(now: Micros): void {
    if (this.#repairs.restored(now).length > 0) this.#events.push({ kind: "network-stands" });
    const isRepaired = this.#repairs.due(now).length > 0;
    const isRetried = this.#refused.due(now).length > 0;
    if (isRepaired || isRetried || now >= earliest(this.#lookAt, this.#roundAt)) this.#isDue = true;
  }

  nextDeadline(): Micros {
    if (this.#isLeaving) return NEVER;
    const own = earliest(this.#lookAt, this.#roundAt);
    return earliest(own, earliest(this.#refused.nextDeadline(), this.#repairs.nextDeadline()));
  }

  rest(now: Micros): void {
    if (!this.#isDue || this.#isLeaving) return;
    const { interfaces, bridge, routes } = this.#wish;
    this.#isDue = false;
    this.#lookAt = NEVER;
    this.#roundAt = interfaces.length > 0 || bridge !== undefined || routes.length > 0 ? later(now, ROUND) : NEVER;
    this.#context.host.network.apply(this.#wish);
  }

  alarms(): Iterable<Condition> {
    return networkConditions(this.#refused.standing(), this.#repairs.isOut(NETWORK));
  }

  nextEvent(): NetworkEvent | undefined {
    return this.#events.shift();
  }
}
