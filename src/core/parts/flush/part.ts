import { isEqual } from "../../base/equal.js";
import { type Incoming, type InterfaceIndex, NO_VLAN } from "../../base/protocol.js";
import { earliest, type Micros } from "../../base/time.js";
import { trunkName } from "../../base/trunk-names.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredFlushPort } from "../../contract/desired/flush.js";
import type { FrameFilter } from "../../contract/host.js";
import type { HostChange, Refused } from "../../contract/input.js";
import type { Checkpoint } from "../../device/checkpoint.js";
import type { Device } from "../../device/device.js";
import { RefusedLinks } from "../../device/refused-links.js";
import { type FlushEvent, type FlushPort, FlushReceiver } from "../../smartlink/flush-receiver.js";
import { FlushSender } from "../../smartlink/flush-sender.js";
import { ETHERTYPE_VLAN, type EthernetView, ethernet, vlanTag } from "../../wire/ethernet.js";
import { FLUSH_GROUP } from "../../wire/flush.js";
import type { Condition } from "../alarm.js";
import type { FrameFate, Part, PartContext } from "../part.js";
import { flushConditions } from "./alarms.js";
import { type FlushInterface, type FlushSources, flushActing, flushAnswers } from "./questions.js";
import { TableRefusals } from "./table-refusals.js";

/** On a control VLAN or untagged, and whatever the 802.3 length says: a wrong one is a fault that is counted. */
const FLUSH_FRAMES: FrameFilter = { destination: FLUSH_GROUP };

/** An order to empty kernel tables. */
type Emptying = Extract<FlushEvent, { kind: "flush" }>;

export type FlushPartEvent =
  | Exclude<FlushEvent, Emptying>
  /** The first of the three frames of a Flush left by a member. */
  | {
      readonly kind: "flush-sent";
      readonly trunk: number;
      readonly name: string;
      readonly vlan: number;
      readonly reason: string;
    }
  /** A Flush emptied the tables of the kernel: hosts behind these interfaces may be gone. */
  | { readonly kind: "tables-flushed"; readonly interfaces: readonly InterfaceIndex[] };

/**
 * Smart-Link Flush of this device: by which member a trunk sends it, which interfaces heed it, and what of the kernel's tables a
 * received one empties.
 */
export class FlushPart implements Part<FlushPartEvent>, FlushSources {
  readonly #context: PartContext;
  readonly #device: Device;
  readonly #sender: FlushSender;
  readonly #receiver: FlushReceiver;
  readonly #events: FlushPartEvent[] = [];
  #desired: Desired | undefined;
  /** Interfaces that are tapped. */
  #tapped: readonly InterfaceIndex[] = [];
  readonly #untapped: RefusedLinks;
  readonly #tables: TableRefusals;
  /** Trunks that send a Flush after such an interface went down, and these. */
  #alsoAfter: readonly { readonly id: number; readonly names: readonly string[] }[] = [];
  /** Interfaces with `detect-active-link` that are up. */
  #up: ReadonlySet<string> = new Set();

  constructor(context: PartContext) {
    const { device, host, run } = context;
    this.#context = context;
    this.#device = device;
    this.#sender = new FlushSender(run.epoch, host.digests);
    this.#receiver = new FlushReceiver(host.digests, context.restored?.flushSenders);
    this.#untapped = new RefusedLinks(device.links);
    this.#tables = new TableRefusals(device.links);
  }

  apply(desired: Desired): void {
    const before = this.#desired?.trunks ?? [];
    this.#desired = desired;
    this.#sender.device = desired.deviceMac;
    this.#receiver.device = desired.deviceMac;
    const sending = new Set(desired.trunks.flatMap(({ id, flush }) => (flush === undefined ? [] : [id])));
    for (const { id } of before) if (!sending.has(id)) this.#sender.forget(id);
    this.#listen();
    this.#alsoAfter = desired.trunks.flatMap(({ id, flush: { alsoAfter: names = [] } = {} }) =>
      names.length > 0 ? [{ id, names }] : [],
    );
    this.#up = this.#watchedUp();
  }

  /** An interface came, went, or moved to another bridge. */
  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link") this.#linksChanged(now);
    else if (change.kind === "refused") this.#answered(change, now);
  }

  #answered(refused: Refused, now: Micros): void {
    if (refused.what === "table") this.#tables.answered(refused.subject, refused.text, now);
    else if (refused.what === "tap") {
      // Others tap as well.
      const isOurs = this.#tapped.includes(refused.subject);
      this.#untapped.answered(refused.subject, isOurs ? refused.text : undefined, now);
    }
  }

  #linksChanged(now: Micros): void {
    this.#listen();
    const before = this.#up;
    this.#up = this.#watchedUp();
    for (const { id, names } of this.#alsoAfter)
      for (const name of names) if (before.has(name) && !this.#up.has(name)) this.flush(id, `${name} went down`, now);
  }

  #watchedUp(): Set<string> {
    const isUp = (name: string): boolean => this.#device.names.linkOfAny(name)?.carrier === true;
    return new Set(this.#alsoAfter.flatMap(({ names }) => names).filter(isUp));
  }

  #listen(): void {
    this.#receiver.configure((this.#desired?.flushPorts ?? []).map((port) => this.#portOf(port)));
    const { heardOn } = this.#receiver;
    if (!isEqual(heardOn, this.#tapped)) this.#context.host.taps.listen(FLUSH_FRAMES, heardOn);
    this.#tapped = heardOn;
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
   * Another path carries a trunk's traffic, or an interface beside it is gone: the network must forget the old path. Nothing is
   * sent where `smart-link flush send` is not configured.
   */
  flush(id: number, reason: string, now: Micros): void {
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

  /** A trunk is down: what it had still to send is of no use. */
  trunkDown(trunk: number): void {
    this.#sender.cancel(trunk);
  }

  frame({ destination, type }: EthernetView, frame: Incoming, now: Micros): FrameFate {
    if (destination !== FLUSH_GROUP) return "foreign";
    const fate = peel(frame, type);
    if (fate !== "taken") return fate;
    return this.#receiver.receive(frame, now) ? "taken" : "stray";
  }

  /** Empties the kernel's tables once for all frames of a batch. */
  settle(now: Micros): void {
    this.#receiver.settle(now);
    for (let event = this.#receiver.nextEvent(); event !== undefined; event = this.#receiver.nextEvent()) {
      if (event.kind === "flush") this.#empty(event);
      else this.#events.push(event);
    }
  }

  #empty(emptying: Emptying): void {
    const { bridge, ports, vlans } = emptying;
    const scope = { bridge, ports, vlans, above: this.#above(emptying) };
    this.#tables.asked(scope);
    this.#context.host.tables.flush(scope);
    this.#events.push({ kind: "tables-flushed", interfaces: [...ports, ...scope.above] });
  }

  expire(now: Micros): void {
    this.#receiver.expire(now);
    const { taps, tables } = this.#context.host;
    if (this.#untapped.due(now).length > 0) taps.listen(FLUSH_FRAMES, this.#tapped);
    for (const scope of this.#tables.due(now)) tables.flush(scope);
  }

  nextDeadline(): Micros {
    const protocol = earliest(this.#sender.nextDeadline(), this.#receiver.nextDeadline());
    return earliest(protocol, earliest(this.#untapped.nextDeadline(), this.#tables.nextDeadline()));
  }

  send(now: Micros): boolean {
    const { host, out } = this.#context;
    let sent = false;
    while (this.#sender.transmit(out, now)) {
      host.link.send(out);
      sent = true;
    }
    return sent;
  }

  nextEvent(): FlushPartEvent | undefined {
    const event = this.#events.shift();
    if (event !== undefined) return event;
    const order = this.#sender.nextEvent();
    if (order === undefined) return undefined;
    const { trunk, name, sending, reason } = order;
    return { kind: "flush-sent", trunk, name, vlan: sending.controlVlan, reason };
  }

  /** Sub-interfaces and Vlanif interfaces of the configuration that stand on the emptied ports. */
  #above({ bridge, ports, vlans }: Emptying): InterfaceIndex[] {
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

  save(): Partial<Checkpoint> {
    const flushSenders = this.#receiver.savedSenders();
    return flushSenders.length === 0 ? {} : { flushSenders };
  }

  // What displays ask.

  alarms(): Iterable<Condition> {
    return flushConditions({
      storms: this.#receiver.storms(),
      unheard: this.#untapped.standing(),
      tables: this.#tables.standing(),
    });
  }

  answers() {
    return flushAnswers(this);
  }

  actions() {
    return flushActing(this);
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

  resetStatistics(): void {
    this.#receiver.reset();
    this.#sender.sent.clear();
  }
}

/** Moves the start of a Flush frame behind its tag, to the 802.3 length. Mostly the kernel has taken the tag away already. */
function peel(frame: Incoming, type: number): FrameFate {
  let head = ethernet.at.type;
  if (type === ETHERTYPE_VLAN) {
    head += vlanTag.size;
    // A second tag: a customer's Flush in a provider's VLAN, which is not ours to heed.
    if (frame.vlan !== NO_VLAN) return "foreign";
    if (frame.length < head) return "truncated";
    // 802.1Q 6.9: a priority tag puts a frame into no VLAN.
    frame.vlan = frame.bytes.getUint16(frame.start + ethernet.size + vlanTag.at.control) & 0xfff || NO_VLAN;
  }
  frame.start += head;
  frame.length -= head;
  return "taken";
}
