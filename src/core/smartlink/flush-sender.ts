import type { Mac } from "../base/address.js";
import type { Digests } from "../base/digests.js";
import type { InterfaceIndex, Outgoing } from "../base/protocol.js";
import { later, type Micros, millis, NEVER } from "../base/time.js";
import { ETHERTYPE_VLAN, EthernetView, ethernet, vlanTag } from "../wire/ethernet.js";
import { FLUSH_GROUP, FLUSH_LENGTH, FlushView, GREATEST_VLAN, LEAST_VLAN } from "../wire/flush.js";
import { type FlushKey, sign } from "./flush-authentication.js";

/** Smart-Link Flush, sending (protocol-facts 2.4, wire-formats 2): the network forgets the old path. */

/** The first may be lost, or meet a device that is not ready. */
const TIMES = [millis(0), millis(100), millis(300)];

const header = new EthernetView();
const view = new FlushView();

/** One Flush to be sent. */
export interface FlushOrder {
  readonly trunk: number;
  /** Interface it leaves by: the new working member. */
  readonly index: InterfaceIndex;
  readonly source: Mac;
  readonly controlVlan: number;
  /** False: the control VLAN is the trunk's PVID, sent untagged. */
  readonly isTagged: boolean;
  /** VLANs whose tables are to be emptied; undefined = all. */
  readonly vlans: readonly number[] | undefined;
  readonly key: FlushKey;
}

export interface FlushSent {
  readonly trunk: number;
  readonly index: InterfaceIndex;
  readonly controlVlan: number;
}

interface Task {
  readonly order: FlushOrder;
  readonly at: Micros;
}

export class FlushSender {
  readonly #device: Mac;
  readonly #epoch: number;
  readonly #digests: Digests;
  #sequence = 0;
  #tasks: Task[] = [];
  readonly #events: FlushSent[] = [];

  constructor(device: Mac, epoch: number, digests: Digests) {
    this.#device = device;
    this.#epoch = epoch;
    this.#digests = digests;
  }

  /** Sends now, after 100 and after 300 ms; a newer order of the same trunk takes an older one's place. */
  send(order: FlushOrder, now: Micros): void {
    this.#tasks = this.#tasks.filter((task) => task.order.trunk !== order.trunk);
    for (const delay of TIMES) this.#tasks.push({ order, at: later(now, delay) });
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const { at } of this.#tasks) if (at < next) next = at;
    return next;
  }

  transmit(out: Outgoing, now: Micros): boolean {
    const task = this.#tasks.find(({ at }) => at <= now);
    if (task === undefined) return false;
    this.#tasks = this.#tasks.filter((other) => other !== task);
    this.#write(task.order, out);
    const { trunk, index, controlVlan } = task.order;
    this.#events.push({ trunk, index, controlVlan });
    return true;
  }

  nextEvent(): FlushSent | undefined {
    return this.#events.shift();
  }

  #write(order: FlushOrder, out: Outgoing): void {
    const head = order.isTagged ? ethernet.size + vlanTag.size : ethernet.size;
    header.wrap(out.bytes, out.start, ethernet.size);
    header.destination = FLUSH_GROUP;
    header.source = order.source;
    header.type = order.isTagged ? ETHERTYPE_VLAN : FLUSH_LENGTH;
    if (order.isTagged) {
      out.bytes.setUint16(out.start + ethernet.size, order.controlVlan);
      out.bytes.setUint16(out.start + ethernet.size + 2, FLUSH_LENGTH);
    }
    const size = view.wrap(out.bytes, out.start + head, out.bytes.byteLength - out.start - head).begin();
    view.device = this.#device;
    view.controlVlan = order.controlVlan;
    view.epoch = this.#epoch;
    view.sequence = ++this.#sequence;
    if (order.vlans === undefined) for (let vlan = LEAST_VLAN; vlan <= GREATEST_VLAN; vlan++) view.addVlan(vlan);
    else for (const vlan of order.vlans) view.addVlan(vlan);
    sign(view, order.key, this.#digests);
    out.length = head + size;
    out.to = order.index;
  }
}
