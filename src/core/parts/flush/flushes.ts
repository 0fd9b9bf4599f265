import type { Digests } from "../../base/digests.js";
import type { Incoming, InterfaceIndex, Outgoing } from "../../base/protocol.js";
import { earliest, type Micros } from "../../base/time.js";
import { trunkName } from "../../base/trunk-names.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredFlushPort } from "../../contract/desired/flush.js";
import type { FrameFilter, Host } from "../../contract/host.js";
import type { Device } from "../../device/device.js";
import { type FlushCounters, type FlushEvent, type FlushPort, FlushReceiver } from "../../smartlink/flush-receiver.js";
import { FlushSender } from "../../smartlink/flush-sender.js";
import { FLUSH_GROUP } from "../../wire/flush.js";

export type FlushesEvent =
  | Exclude<FlushEvent, { kind: "flush" }>
  | {
      readonly kind: "flush-sent";
      readonly trunk: number;
      readonly name: string;
      readonly vlan: number;
      readonly reason: string;
    };

/** An interface that heeds or sends Flush frames; `counters` where it heeds them. */
export interface FlushInterface {
  readonly name: string;
  readonly counters: FlushCounters | undefined;
  readonly sent: number;
}

/** On a control VLAN or untagged, and whatever its 802.3 length says: a wrong one is a fault that is counted. */
const FLUSH_FRAMES: FrameFilter = { destination: FLUSH_GROUP };

/** Flush of this device: which interfaces heed it, and by which one a trunk sends it. */
export class Flushes {
  readonly #device: Device;
  readonly #host: Host;
  readonly #sender: FlushSender;
  readonly #receiver: FlushReceiver;
  #desired: Desired | undefined;
  #listening = "";
  /** Interfaces whose loss is told, that are up. */
  #up = new Set<string>();

  constructor(device: Device, host: Host, digests: Digests, epoch: number) {
    this.#device = device;
    this.#host = host;
    this.#sender = new FlushSender(epoch, digests);
    this.#receiver = new FlushReceiver(digests);
  }

  apply(desired: Desired): void {
    const before = this.#desired?.trunks ?? [];
    this.#desired = desired;
    this.#sender.device = desired.deviceMac;
    this.#receiver.device = desired.deviceMac;
    const sending = new Set(desired.trunks.flatMap(({ id, flush }) => (flush === undefined ? [] : [id])));
    for (const { id } of before) if (!sending.has(id)) this.#sender.forget(id);
    this.#listen();
    this.#up = this.#watchedUp();
  }

  /** An interface came, went, or moved to another bridge. */
  linksChanged(now: Micros): void {
    this.#listen();
    const before = this.#up;
    this.#up = this.#watchedUp();
    for (const { id, flush } of this.#desired?.trunks ?? [])
      for (const name of flush?.alsoAfter ?? [])
        if (before.has(name) && !this.#up.has(name)) this.send(id, `${name} went down`, now);
  }

  #watchedUp(): Set<string> {
    const isUp = (name: string): boolean => this.#device.names.linkOfAny(name)?.carrier === true;
    return new Set((this.#desired?.trunks ?? []).flatMap(({ flush }) => flush?.alsoAfter ?? []).filter(isUp));
  }

  #listen(): void {
    this.#receiver.configure((this.#desired?.flushPorts ?? []).map((port) => this.#portOf(port)));
    const indexes = this.#receiver.heardOn;
    const text = indexes.join();
    if (text !== this.#listening) this.#host.taps.listen(FLUSH_FRAMES, indexes);
    this.#listening = text;
  }

  #portOf({ interface: name, controlVlans, pvid, key }: DesiredFlushPort): FlushPort {
    const device = this.#device.names.linkOfAny(name);
    const heardOn = new Map<InterfaceIndex, string>();
    const trunk = this.#device.trunkNamed(name);
    // On a member a tap hears what the data plane drops because the member waits.
    for (const member of trunk?.members() ?? [])
      if (member.link.index !== undefined) heardOn.set(member.link.index, member.name);
    if (trunk === undefined && device !== undefined) heardOn.set(device.index, name);
    return { name, heardOn, device: device?.index, bridge: device?.master, controlVlans, pvid, key };
  }

  /**
   * Another path carries a trunk's traffic, or what was beside it is gone: the network must forget the old one. Nothing where
   * it is not configured.
   */
  send(id: number, reason: string, now: Micros): void {
    const trunk = this.#device.trunk(id)?.trunk;
    const sending = trunk?.desired.flush;
    if (trunk === undefined || sending === undefined) return;
    for (const { name, link, distributing } of trunk.members()) {
      const source = link.index === undefined ? undefined : this.#device.links.at(link.index)?.mac;
      if (!distributing || link.index === undefined || source === undefined) continue;
      this.#sender.send({ trunk: id, index: link.index, name, source, sending, reason }, now);
      return;
    }
  }

  /** `pdu.start` is where the 802.3 length stands. False: nobody here waits for it. */
  receive(pdu: Incoming, now: Micros): boolean {
    return this.#receiver.receive(pdu, now);
  }

  /** Once per batch of inputs. True when something was emptied. */
  settle(now: Micros): void {
    for (const { trunk } of this.#device.trunks) if (!trunk.isUp) this.#sender.cancel(trunk.id);
    this.#receiver.settle(now);
  }

  expire(now: Micros): void {
    this.#receiver.expire(now);
  }

  nextDeadline(): Micros {
    return earliest(this.#sender.nextDeadline(), this.#receiver.nextDeadline());
  }

  transmit(out: Outgoing, now: Micros): boolean {
    return this.#sender.transmit(out, now);
  }

  nextEvent(): FlushesEvent | undefined {
    for (let event = this.#receiver.nextEvent(); event !== undefined; event = this.#receiver.nextEvent()) {
      if (event.kind !== "flush") return event;
      const { bridge, ports, vlans } = event;
      this.#host.tables.flush({ bridge, ports, vlans, above: this.#above(event) });
    }
    const order = this.#sender.nextEvent();
    if (order === undefined) return undefined;
    const { trunk, name, sending, reason } = order;
    return { kind: "flush-sent", trunk, name, vlan: sending.controlVlan, reason };
  }

  #above({ bridge, ports, vlans }: Extract<FlushEvent, { kind: "flush" }>): InterfaceIndex[] {
    const network = this.#desired?.network;
    return (network?.interfaces ?? []).flatMap(({ device, made }) => {
      if (made === undefined || made.kind === "loopback" || !(vlans === "all" || vlans.includes(made.vlan))) return [];
      const below = made.kind === "vlanif" ? network?.bridge?.device : made.main;
      const base = below === undefined ? undefined : this.#device.names.linkOfAny(below)?.index;
      const index = this.#device.names.linkOfAny(device)?.index;
      const stands = base !== undefined && (bridge === undefined ? ports.includes(base) : base === bridge);
      return stands && index !== undefined ? [index] : [];
    });
  }

  /** Every interface that heeds or sends Flush frames, with what it counted. */
  *interfaces(): Generator<FlushInterface> {
    const sending = (this.#desired?.trunks ?? []).flatMap(({ id, flush }) => (flush === undefined ? [] : [id]));
    const sent = new Map(sending.map((id) => [trunkName(id), this.#sender.sent.get(id) ?? 0]));
    for (const [name, counters] of this.#receiver.counters()) {
      yield { name, counters, sent: sent.get(name) ?? 0 };
      sent.delete(name);
    }
    for (const [name, count] of sent) yield { name, counters: undefined, sent: count };
  }

  reset(): void {
    this.#receiver.reset();
    this.#sender.sent.clear();
  }
}
