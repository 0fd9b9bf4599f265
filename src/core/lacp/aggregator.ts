import type { Mac } from "../base/address.js";
import { type Incoming, type InterfaceIndex, NO_VLAN, type Outgoing } from "../base/protocol.js";
import { earliest, later, type Micros, micros, NEVER, seconds } from "../base/time.js";
import type { DesiredLacp, DesiredMember } from "../contract/desired/trunk.js";
import { AGGREGATION, LacpduView } from "../wire/lacpdu.js";
import { GREATEST_LEGAL_SUBTYPE, SUBTYPE_LACP, SUBTYPE_MARKER, subtypeOf } from "../wire/slow-protocols.js";
import type { LacpEvent, OwnSystem } from "./lacp-event.js";
import { Machines } from "./machines.js";
import { Markers } from "./markers.js";
import { type LacpPort, Port, toldOf } from "./port.js";
import { resetStatistics } from "./port-statistics.js";
import { type AggregatorVariables, NO_INTERFACE, type PortVariables } from "./port-variables.js";
import type { Rates } from "./rates.js";
import { reasonFor } from "./reasons.js";
import { Refusals } from "./refusals.js";
import { restorePort, type SavedPort, savePort } from "./saved-port.js";
import type { SelectionLimits } from "./selection.js";

/** The MAC addresses of the device that an Aggregator is part of. */
export interface OwnAddresses {
  /** True for the MAC address of any member port of this device. */
  ownsMac(mac: Mac): boolean;
}

/** The state of the interface under a port. */
export interface PortLink {
  readonly index: InterfaceIndex;
  readonly mac: Mac;
  /** Mbit/s. */
  readonly speed: number;
  /** Administratively up and with carrier. */
  readonly enabled: boolean;
  /** Data frames would pass; a port without that is enabled, hears and speaks, and is not selected. */
  readonly served: boolean;
  /** What the interface has sent and heard lately under another port; undefined: the port's own. */
  readonly rates?: Rates | undefined;
}

/** How long a removed port waits until its partner stops sending, which Open vSwitch never tells. */
const FAREWELL = seconds(1);

/**
 * LACP for one Eth-Trunk: IEEE 802.1AX-2014 clause 6, version 1. An input changes the variables of a port (6.4.8,
 * port-variables.ts); then machines.ts runs the machines of all ports to rest, in this order:
 *
 *   receive 6.4.12 -> periodic 6.4.13 -> Selection Logic 6.4.14 -> mux 6.4.15 -> churn detection 6.4.17
 *
 * Each `*-machine.ts` is the diagram of its clause as a table, with the actions of the boxes below it. LACPDUs leave by
 * transmission.ts (6.4.16), Markers by markers.ts (6.5). A trunk has one Aggregator, and ports never look for
 * another one, so the Selection Logic decides which ports the trunk selects (selection.ts). Left out: version 2 TLVs
 * (read past), the Long LACPDU, DRNI, half-duplex links.
 */
export class Aggregator implements AggregatorVariables {
  readonly trunk: number;
  settings: DesiredLacp;
  now: Micros = micros(0);
  readonly #ownAddresses: OwnAddresses;
  readonly #ports = new Set<Port>();
  readonly #byName = new Map<string, Port>();
  readonly #byIndex = new Map<InterfaceIndex, Port>();
  /** The ports whose partner may be heard on another port meanwhile. */
  readonly #disabled = new Set<Port>();
  readonly #machines: Machines;
  readonly #pdu = new LacpduView();
  readonly #events: LacpEvent[] = [];
  /** Content of the last `member-changed` of each port. */
  readonly #told = new Map<Port, number>();
  readonly #refusals: Refusals;
  readonly #markers: Markers;

  constructor(trunk: number, settings: DesiredLacp, limits: SelectionLimits, ownAddresses: OwnAddresses) {
    this.trunk = trunk;
    this.settings = settings;
    this.#machines = new Machines(this.#ports, this, limits);
    this.#ownAddresses = ownAddresses;
    this.#refusals = new Refusals(trunk, this.#events);
    this.#markers = new Markers(trunk, this.#events, this.#refusals);
  }

  // Commands.

  /** Takes over settings: a port whose identity changes is negotiated anew, the others only send the new values. */
  configure(settings: DesiredLacp, limits: SelectionLimits, now: Micros): void {
    const before = this.settings;
    const speaksAgain = this.#machines.limits.silent && !limits.silent;
    this.settings = settings;
    this.#machines.selectAnew(limits);
    this.now = now;
    for (const port of this.#ports) {
      if (before.independentControl !== settings.independentControl) port.control(settings.independentControl);
      if (before.collectorMaxDelay !== settings.collectorMaxDelay || speaksAgain) port.ntt = true;
      port.allow(settings.timeout - before.timeout);
    }
    this.#identify();
    this.#run(now);
  }

  addMember(name: string, number: number, member: DesiredMember, now: Micros): void {
    this.now = now;
    const port = new Port(this, name, number, this.#pdu);
    if (this.settings.independentControl) port.control(true);
    port.configure(member);
    this.#ports.add(port);
    this.#byName.set(name, port);
    this.#identify();
    // 6.4.2: BEGIN takes every machine to its first box, once.
    this.#run(now);
    port.begin = false;
    this.#run(now);
  }

  configureMember(name: string, number: number, member: DesiredMember, now: Micros): void {
    const port = this.#byName.get(name);
    if (port === undefined) return;
    this.now = now;
    if (port.configure(member)) port.ntt = true;
    if (port.actor.port !== number) {
      port.actor.port = number;
      port.selected = "UNSELECTED";
    }
    this.#machines.selectAnew();
    this.#run(now);
  }

  /**
   * Removes a port: its LACPDUs say out of sync and individual, so that the partner moves its traffic. `member-left`
   * follows when the partner no longer distributes on the port, at the latest after a second.
   */
  removeMember(name: string, now: Micros): void {
    const port = this.#byName.get(name);
    if (port === undefined) return;
    this.now = now;
    this.#byName.delete(name);
    port.leaving = true;
    port.leaveUntil = later(now, FAREWELL);
    port.setActor(AGGREGATION, false);
    port.selected = "UNSELECTED";
    port.ntt = true;
    this.#machines.selectAnew();
    this.#run(now);
  }

  /** The interface under a member came, went, or changed. */
  linkChanged(name: string, link: PortLink | undefined, now: Micros): void {
    const port = this.#byName.get(name);
    if (port === undefined) return;
    this.now = now;
    const isAnother = link !== undefined && link.index !== port.index;
    if (isAnother) this.#beginAnew(port);
    if (this.#byIndex.get(port.index) === port) this.#byIndex.delete(port.index);
    port.index = link?.index ?? NO_INTERFACE;
    if (link !== undefined) {
      this.#byIndex.set(link.index, port);
      port.mac = link.mac;
      port.speed = link.speed;
      port.rates = link.rates ?? port.rates;
    }
    port.served = link?.served ?? false;
    port.enable(link?.enabled ?? false);
    if (port.portEnabled) this.#disabled.delete(port);
    else this.#disabled.add(port);
    if (!port.portEnabled) this.#refusals.clearOwnSystem(port);
    this.#identify();
    this.#run(now);
  }

  /**
   * The interface is under another port now: a port that still takes its leave there is dropped, so that one voice speaks.
   * Returns what the interface has sent and heard lately; undefined when no port takes its leave there.
   */
  release(index: InterfaceIndex, now: Micros): Rates | undefined {
    const port = this.#byIndex.get(index);
    if (port?.leaving !== true) return undefined;
    this.#drop(port);
    this.#run(now);
    return port.rates;
  }

  /**
   * Restores a port to its state in the process before; its first LACPDU leaves at once. Returns what of it does not fit, in
   * words.
   */
  restore(name: string, saved: SavedPort, now: Micros): string | undefined {
    const port = this.#byName.get(name);
    if (port === undefined) return undefined;
    this.now = now;
    const told = restorePort(port, saved);
    this.#machines.selectAnew();
    this.#run(now);
    return told;
  }

  /** State of a member for `restore`; undefined when it begins anew. */
  saved(name: string): SavedPort | undefined {
    const port = this.#byName.get(name);
    return port && savePort(port);
  }

  /** Removes all ports, so that every partner is told. */
  leave(now: Micros): void {
    for (const name of [...this.#byName.keys()]) this.removeMember(name, now);
  }

  /** Zeroes the counters of a member, or of all members; false when the member does not exist. */
  resetStatistics(name: string | undefined): boolean {
    for (const port of this.#byName.values())
      if (name === undefined || port.name === name) resetStatistics(port.statistics);
    return name === undefined || this.#byName.has(name);
  }

  /** Sends a Marker on each distributing port; each transaction ends in one `marker-answered`. */
  sendMarkers(): { readonly port: string; readonly transaction: number }[] {
    return this.#markers.send(this.#byName.values());
  }

  // The contract.

  receive(pdu: Incoming, now: Micros): void {
    const port = this.#byIndex.get(pdu.from);
    if (port === undefined) return;
    this.now = now;
    const subtype = subtypeOf(pdu.bytes, pdu.start, pdu.length);
    if (!port.rates.received.take(now)) this.#refusals.refuse(port, "rate", pdu.source);
    else if (pdu.vlan !== NO_VLAN && pdu.vlan !== 0) this.#refusals.refuse(port, "tagged", pdu.source);
    else if (subtype === SUBTYPE_LACP) this.#receiveLacpdu(port, pdu);
    else if (subtype === SUBTYPE_MARKER) this.#markers.receive(port, pdu);
    else if (subtype < 1 || subtype > GREATEST_LEGAL_SUBTYPE)
      this.#refusals.refuse(port, "subtype-illegal", pdu.source);
    else this.#refusals.refuse(port, "subtype-unknown", pdu.source);
  }

  /** Refuses a slow-protocol frame whose destination is not the group address (802.3 Annex 57A.3). */
  misaddressed(pdu: Incoming, now: Micros): void {
    const port = this.#byIndex.get(pdu.from);
    this.now = now;
    if (port === undefined) return;
    this.#refusals.refuse(port, port.rates.received.take(now) ? "destination" : "rate", pdu.source);
  }

  /** So many slow-protocol frames of a port were left out before anybody read them. */
  missed(index: InterfaceIndex, frames: number, now: Micros): void {
    this.now = now;
    this.#refusals.missed(this.#byIndex.get(index), frames);
  }

  expire(now: Micros): void {
    this.now = now;
    for (const port of this.#ports) if (now >= port.ownSystemUntil) this.#refusals.clearOwnSystem(port);
    this.#markers.expire(now);
    this.#machines.selectAnew();
    this.#run(now);
  }

  nextDeadline(): Micros {
    let next = earliest(this.#machines.selection.deadline, this.#markers.nextDeadline());
    for (const port of this.#ports) next = earliest(next, port.nextDeadline(this.#machines.limits.silent));
    return next;
  }

  transmit(out: Outgoing, now: Micros): boolean {
    if (this.#markers.transmit(out, now)) return true;
    if (this.#machines.limits.silent) return false;
    for (const port of this.#ports) if (port.transmit(out, now)) return true;
    return false;
  }

  /** The PDUs that were transmitted have left by now. */
  left(now: Micros): void {
    for (const port of this.#ports) port.rates.left(now);
  }

  nextEvent(): LacpEvent | undefined {
    return this.#events.shift();
  }

  // Questions of displays and of the trunk.

  port(name: string): LacpPort | undefined {
    return this.#byName.get(name);
  }
  members(): Iterable<LacpPort> {
    return this.#byName.values();
  }
  /** No port is left, not even one that still tells its partner. */
  get isEmpty(): boolean {
    return this.#ports.size === 0;
  }
  get hasEnough(): boolean {
    return this.#machines.selection.shortfall === undefined;
  }
  carriesBeside(port: PortVariables): boolean {
    for (const other of this.#ports) if (other !== port && other.distributes && other.partnerCollects) return true;
    return false;
  }
  get reference(): LacpPort | undefined {
    return this.#machines.selection.leaders.reference;
  }
  get best(): LacpPort | undefined {
    return this.#machines.selection.leaders.best;
  }

  /** The reason why a port carries traffic or does not, in words. */
  reasonOf({ name }: LacpPort): string {
    const port = this.#byName.get(name);
    return port === undefined ? "no such member" : reasonFor(port, this.#machines.selection);
  }

  // Inside.

  /** BEGIN (6.4.2) for a port with another interface under it: whatever was heard was heard elsewhere. */
  #beginAnew(port: Port): void {
    this.#refusals.clearOwnSystem(port);
    port.enable(false);
    port.begin = true;
    this.#run(this.now);
    port.begin = false;
    port.heardAt = -NEVER as Micros;
    port.heardGap = NEVER;
    port.attachedAt = -NEVER as Micros;
    port.hasWaited = false;
  }

  /** Gives each port the trunk's identity; a port whose identity changed is selected anew. */
  #identify(): void {
    for (const port of this.#ports) port.identify(this.trunk);
    this.#machines.selectAnew();
  }

  #receiveLacpdu(port: Port, incoming: Incoming): void {
    const pdu = this.#pdu.wrap(incoming.bytes, incoming.start, incoming.length);
    const fault = pdu.fault();
    if (fault !== undefined) this.#refusals.refuse(port, fault, incoming.source);
    else if (pdu.actorSystem === port.actor.system) {
      this.#refusals.refuseOwnSystem(port, incoming.source, () => this.#formOf(port, incoming.source));
      this.#tellChange(port);
    } else if (port.isStranger(pdu, incoming.source)) this.#refusals.refuse(port, "unexpected-mac", incoming.source);
    else this.#acceptLacpdu(port, pdu, incoming.source);
  }

  #acceptLacpdu(port: Port, pdu: LacpduView, source: Mac): void {
    port.statistics.lacpdusRx++;
    port.source = source;
    if (pdu.actorKey === 0) this.#countKeyZero(port, pdu, source);
    const moved = this.#movedFrom(port, pdu);
    if (moved !== undefined) moved.portMoved = true;
    port.lacpduReceived = true;
    this.#run(this.now, moved === undefined ? port : undefined);
    // A disabled port takes no PDU, and must not take this one when it is enabled.
    port.lacpduReceived = false;
  }

  /** The disabled port whose partner is now heard on this one (6.4.8, port_moved). */
  #movedFrom(port: Port, { actorPort, actorSystem }: LacpduView): Port | undefined {
    for (const other of this.#disabled)
      if (other !== port && other.partner.port === actorPort && other.partner.system === actorSystem) return other;
    return undefined;
  }

  #countKeyZero(port: Port, pdu: LacpduView, source: Mac): void {
    port.statistics.keyZeroRx++;
    const known = !port.isDefaulted && port.partner.key === 0 && port.partner.system === pdu.actorSystem;
    if (!known) this.#events.push({ kind: "key-zero", trunk: this.trunk, port: port.name, source });
  }

  /** How our own system ID came into a PDU of this source. */
  #formOf(port: Port, source: Mac): OwnSystem {
    if (source === port.mac) return "looped-back";
    return this.#ownAddresses.ownsMac(source) ? "cabled-together" : "cloned-system-id";
  }

  #drop(port: Port): void {
    this.#ports.delete(port);
    this.#disabled.delete(port);
    if (this.#byIndex.get(port.index) === port) this.#byIndex.delete(port.index);
    this.#told.delete(port);
    this.#machines.selectAnew();
    this.#events.push({ kind: "member-left", trunk: this.trunk, port: port.name });
  }

  /** Runs every machine to rest, and tells the changes. `only`: the one port that an input came for. */
  #run(now: Micros, only?: Port): void {
    this.now = now;
    const ports = this.#machines.run(only) || only === undefined ? this.#ports : [only];
    for (const port of ports) {
      if (!port.leaving) this.#tellChange(port);
      else if (this.#hasLeft(port)) this.#drop(port);
    }
  }

  #hasLeft(port: Port): boolean {
    return !port.portEnabled || this.now >= port.leaveUntil || (!port.ntt && !port.partnerDistributes);
  }

  #tellChange(port: Port): void {
    const told = toldOf(port);
    if (this.#told.get(port) === told) return;
    this.#told.set(port, told);
    this.#events.push({ kind: "member-changed", trunk: this.trunk, port: port.name });
  }
}
