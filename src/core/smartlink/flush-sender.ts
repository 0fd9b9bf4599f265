import { type Mac, NO_MAC } from "../base/address.js";
import type { Digests } from "../base/digests.js";
import type { InterfaceIndex, Outgoing } from "../base/protocol.js";
import { RateLimit } from "../base/rate-limit.js";
import { earliest, later, type Micros, millis, NEVER } from "../base/time.js";
import { addVlan, GREATEST_VLAN, LEAST_VLAN } from "../base/vlan-set.js";
import type { DesiredFlushSending } from "../contract/desired/flush.js";
import { ETHERTYPE_VLAN, EthernetView, ethernet, vlanTag } from "../wire/ethernet.js";
import { FLUSH_GROUP, FlushView } from "../wire/flush.js";
import { sign } from "./flush-authentication.js";

/**
 * Sender of Smart Link Flush (behaviour.md 2.4, formats/flush.md 4): after a switch-over it tells the network to forget
 * the old path. The vendor's protected instances and Smart Link groups are left out; the VLANs of the trunk are the
 * set.
 */

/** Delays of the three copies; the first may be lost, or meet a bridge that is not ready. */
const TIMES = [millis(0), millis(100), millis(300)];
/** Frames a second of one trunk, however its members flap. @internal */
export const MOST_FLUSHES = 10;

const header = new EthernetView();
const view = new FlushView();

/** One Flush to be sent. */
export interface FlushOrder {
  readonly trunk: number;
  /** Interface that sends: the new working member. */
  readonly index: InterfaceIndex;
  /** Configured name of that interface. */
  readonly name: string;
  readonly source: Mac;
  readonly sending: DesiredFlushSending;
  readonly reason: string;
}

interface Task {
  readonly order: FlushOrder;
  readonly at: Micros;
  readonly isFirst: boolean;
}

/** Sends the Flush frames of a switch-over, three copies of each order. */
export class FlushSender {
  /** Device ID of the sent frames. */
  device: Mac = NO_MAC;
  readonly #epoch: number;
  readonly #digests: Digests;
  #sequence = 0;
  #tasks: Task[] = [];
  readonly #limits = new Map<number, RateLimit>();
  readonly #orders: FlushOrder[] = [];
  /** Frames sent, by trunk. */
  readonly sent = new Map<number, number>();

  constructor(epoch: number, digests: Digests) {
    this.#epoch = epoch;
    this.#digests = digests;
  }

  /** Sends now, after 100 and after 300 ms; a newer order of the same trunk replaces an older one. */
  send(order: FlushOrder, now: Micros): void {
    this.cancel(order.trunk);
    for (const [copy, delay] of TIMES.entries())
      this.#tasks.push({ order, at: later(now, delay), isFirst: copy === 0 });
  }

  /** Drops a trunk's waiting copies, since it carries nothing now. */
  cancel(trunk: number): void {
    this.#tasks = this.#tasks.filter((task) => task.order.trunk !== trunk);
  }

  forget(trunk: number): void {
    this.cancel(trunk);
    this.#limits.delete(trunk);
    this.sent.delete(trunk);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const task of this.#tasks) next = earliest(next, this.#dueAt(task));
    return next;
  }

  #dueAt({ order, at }: Task): Micros {
    const allowed = this.#limits.get(order.trunk)?.allowedAt() ?? at;
    return allowed > at ? allowed : at;
  }

  transmit(out: Outgoing, now: Micros): boolean {
    const task = this.#tasks.find((each) => this.#dueAt(each) <= now);
    if (task === undefined) return false;
    this.#tasks = this.#tasks.filter((other) => other !== task);
    const { order, isFirst } = task;
    if (!this.#write(order, out)) return this.transmit(out, now);
    const limit = this.#limits.get(order.trunk) ?? new RateLimit(MOST_FLUSHES);
    this.#limits.set(order.trunk, limit);
    limit.take(now);
    this.sent.set(order.trunk, (this.sent.get(order.trunk) ?? 0) + 1);
    if (isFirst) this.#orders.push(order);
    return true;
  }

  /** The next order whose first copy has left. */
  nextEvent(): FlushOrder | undefined {
    return this.#orders.shift();
  }

  /** Writes a Flush; false when the password cannot be opened. */
  #write({ index, source, sending }: FlushOrder, out: Outgoing): boolean {
    const { controlVlan, isTagged, vlans, key } = sending;
    header.wrap(out.bytes, out.start, ethernet.size);
    header.destination = FLUSH_GROUP;
    header.source = source;
    // Octets before the 802.3 length: the addresses, and the tag where there is one.
    let head = ethernet.at.type;
    if (isTagged) {
      header.type = ETHERTYPE_VLAN;
      out.bytes.setUint16(out.start + ethernet.size + vlanTag.at.control, controlVlan);
      head += vlanTag.size;
    }
    const size = view.wrap(out.bytes, out.start + head, out.bytes.byteLength - out.start - head).begin();
    view.device = this.device;
    view.controlVlan = controlVlan;
    view.epoch = this.#epoch;
    view.sequence = ++this.#sequence;
    const bitmap = view.vlans;
    if (vlans === undefined) for (let vlan = LEAST_VLAN; vlan <= GREATEST_VLAN; vlan++) addVlan(bitmap, vlan);
    else for (const vlan of vlans) addVlan(bitmap, vlan);
    out.length = head + size;
    out.to = index;
    return sign(view, key, this.#digests);
  }
}
