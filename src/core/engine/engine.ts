import { assert, unreachable } from "../base/assert.js";
import type { IncomingDatagram } from "../base/datagram.js";
import type { Incoming, InterfaceIndex, Outgoing } from "../base/protocol.js";
import { Random } from "../base/random.js";
import { earliest, type Micros, NEVER } from "../base/time.js";
import { trunkOfDevice, trunkOfInner } from "../base/trunk-names.js";
import type { Desired } from "../contract/desired/desired.js";
import type { NetworkWish } from "../contract/desired/network.js";
import type { EngineEvent } from "../contract/events.js";
import type { AddressState, Host, LinkState } from "../contract/host.js";
import type { Action, AnswerTo, Driven, Input, Refusable, Refused } from "../contract/input.js";
import type { Checkpoint } from "../device/checkpoint.js";
import { Device } from "../device/device.js";
import { Announcer } from "../neighbours/announcer.js";
import { BfdSessions } from "../parts/bfd/bfd-sessions.js";
import type { BoundBfdSessionView } from "../parts/bfd/display.js";
import { decisionView, etrunkView } from "../parts/etrunk/display.js";
import { Etrunks } from "../parts/etrunk/etrunks.js";
import type { EtrunkDecisionView, EtrunkPacketsView, EtrunkView, SessionCarView } from "../parts/etrunk/views.js";
import { Flushes } from "../parts/flush/flushes.js";
import { lacpBrief, statisticsOf, trunkView } from "../parts/trunks/display.js";
import { ForwardingPlane } from "../parts/trunks/forwarding-plane.js";
import type {
  AlarmView,
  FlushInterfaceView,
  LacpBriefView,
  LacpStatisticsView,
  TrunkView,
} from "../parts/trunks/views.js";
import { type Actors, act } from "./actions.js";
import { Alarms } from "./alarms.js";
import { demux } from "./demux.js";
import { Wiring } from "./wiring.js";

/** Octets of the one transmit buffer: the largest frame we write. */
const TRANSMIT_BUFFER = 4_096;
/** Bounded: an event raises at most a few others, and PDUs are limited per port. */
const MOST_ROUNDS = 1_000;
const NO_NETWORK: NetworkWish = { interfaces: [], bridge: undefined, routes: [] };

/** The whole of the core behind one door: inputs come in, the Host is asked, events go to `observe`. */
export class Engine implements Driven {
  readonly #host: Host;
  readonly #device: Device;
  readonly #alarms = new Alarms();
  readonly #announcer = new Announcer();
  readonly #observe: (event: EngineEvent, now: Micros) => void;
  readonly #wiring: Wiring;
  readonly #plane: ForwardingPlane | undefined;
  readonly #etrunks: Etrunks | undefined;
  readonly #bfd: BfdSessions | undefined;
  readonly #flushes: Flushes | undefined;
  readonly #actors: Actors;
  readonly #out: Outgoing = { bytes: new DataView(new ArrayBuffer(TRANSMIT_BUFFER)), start: 0, length: 0, to: -1 };
  #isLeaving = false;
  #hasSaidGoodbye = false;
  /** The Host has still to be told what the network shall be. */
  #networkChanged = false;
  /** Frames that no member port took, by what they were. */
  readonly ignored = { truncated: 0, foreign: 0, stray: 0 };

  constructor(
    host: Host,
    observe: (event: EngineEvent, now: Micros) => void,
    restored?: Checkpoint,
    run: { readonly epoch: number; readonly software: string; readonly seed?: number } = {
      epoch: 1,
      software: "etrunkd",
    },
  ) {
    const { datagrams, digests } = host;
    this.#host = host;
    this.#observe = observe;
    this.#device = new Device(host, restored);
    this.#plane = host.forwarding && new ForwardingPlane(host.forwarding);
    this.#etrunks =
      datagrams &&
      digests &&
      new Etrunks(this.#device, { datagrams, digests, ...run }, this.#out.bytes, restored?.etrunks ?? []);
    this.#bfd =
      datagrams && digests && new BfdSessions(this.#device, datagrams, host.pacer, new Random(run.seed ?? 1), digests);
    this.#flushes = digests && new Flushes(this.#device, host, digests, run.epoch);
    this.#actors = { device: this.#device, etrunks: this.#etrunks, bfd: this.#bfd, flushes: this.#flushes };
    this.#wiring = new Wiring(this.#device, this.#etrunks, this.#flushes, this.#alarms, host, observe);
  }

  // Inputs.

  take<A extends Action>(input: { readonly kind: "act"; readonly action: A }, now: Micros): AnswerTo<A>;
  take(input: Input, now: Micros): unknown;
  take(input: Input, now: Micros): unknown {
    switch (input.kind) {
      case "configure":
        return this.#configure(input.desired, now);
      case "act":
        return act(input.action, this.#actors, now);
      case "link":
        return this.#linkChanged(input.link, now);
      case "address":
        return this.#addressChanged(input.address, now);
      case "pacer":
        return this.#bfd?.pacerReported(input.report, now);
      case "refused":
        return this.#refused(input, now);
      case "pause":
        return this.#bfd?.table.leave(now);
      case "leave":
        this.#isLeaving = true;
        return this.#etrunks?.leave(now);
      default:
        return unreachable(input);
    }
  }

  /** A frame as it came off the wire, Ethernet header first. `frame` is reused: valid only until this returns. */
  frameReceived(frame: Incoming, now: Micros): void {
    const kind = demux(frame);
    if (kind === "truncated" || kind === "foreign") {
      this.ignored[kind]++;
      return;
    }
    if (kind === "flush") {
      if (this.#flushes?.receive(frame, now) !== true) this.ignored.stray++;
      return;
    }
    const aggregator = this.#device.aggregatorOf(frame.from);
    if (aggregator === undefined) this.ignored.stray++;
    else if (kind === "misaddressed") aggregator.misaddressed(frame, now);
    else aggregator.receive(frame, now);
  }

  /** A datagram that one of our sockets received. `datagram` is reused: valid only until this returns. */
  datagramReceived(datagram: IncomingDatagram, now: Micros): void {
    if (this.#bfd?.receive(datagram, now) !== true) this.#etrunks?.receive(datagram, now);
  }

  #configure(desired: Desired, now: Micros): void {
    const before = this.#subjects();
    this.#retryForwarding(undefined, now);
    this.#host.network?.prepare(desired.network ?? NO_NETWORK);
    this.#device.apply(desired, now);
    this.#etrunks?.apply(desired, now);
    this.#bfd?.apply(desired, now);
    this.#flushes?.apply(desired);
    this.#networkChanged = true;
    const after = this.#subjects();
    this.#wiring.forget(
      [...before].filter((subject) => !after.has(subject)),
      now,
    );
  }

  #linkChanged(link: LinkState, now: Micros): void {
    const before = this.#device.linkAt(link.index);
    if (before !== undefined && (!link.present || link.name !== before.name)) this.#deviceLost(before.name, now);
    this.#device.linkChanged(link, now);
    const cameUp = link.up && link.carrier && !(before?.up && before.carrier);
    if (cameUp) this.#retryForwarding(link.index, now);
    this.#bfd?.refresh(now);
    this.#flushes?.linksChanged(now);
  }

  #addressChanged(address: AddressState, now: Micros): void {
    this.#device.addresses.changed(address);
    this.#etrunks?.addressChanged(address, now);
    this.#bfd?.refresh(now);
  }

  #refused(refused: Refused, now: Micros): void {
    if (refused.what === "socket") this.#etrunks?.socketChanged(refused.subject, refused.text, now);
    else if (refused.text !== undefined) this.#forwardingFailed(refused.subject, refused.text, now);
  }

  #forwardingFailed({ trunk, member }: Refusable["forwarding"], text: string, now: Micros): void {
    this.#wiring.forwardingFailed(trunk, member, text, now);
    if (member !== undefined) this.#device.refuse(trunk, member, text, now);
  }

  /** What the data plane refused may be possible now: of one interface that came up, else of all. */
  #retryForwarding(only: InterfaceIndex | undefined, now: Micros): void {
    for (const index of this.#device.retry(only, now))
      for (const trunk of this.#plane?.retry(index) ?? []) this.#wiring.forwardingRetried(trunk, now);
  }

  /** Somebody took a trunk's device or sub-interface away, and the trunk with it: it is made again. */
  #deviceLost(name: string, now: Micros): void {
    const id = trunkOfDevice(name) ?? trunkOfInner(name);
    const entry = id === undefined ? undefined : this.#device.entry(id);
    if (id === undefined || entry === undefined || this.#isLeaving) return;
    this.#plane?.retell(id);
    entry.trunk.forwardingChanged = true;
    this.#wiring.forwardingRetried(id, now);
  }

  expire(now: Micros): void {
    this.#etrunks?.expire(now);
    this.#bfd?.table.expire(now);
    this.#flushes?.expire(now);
    for (const aggregator of this.#device.aggregators()) if (aggregator.nextDeadline() <= now) aggregator.expire(now);
    for (const { trunk } of this.#device.entries()) if (trunk.nextDeadline() <= now) trunk.expire(now);
  }

  nextDeadline(): Micros {
    let next = earliest(this.#announcer.nextDeadline(), this.#etrunks?.nextDeadline() ?? NEVER);
    next = earliest(next, this.#bfd?.table.nextDeadline() ?? NEVER);
    next = earliest(next, this.#flushes?.nextDeadline() ?? NEVER);
    for (const aggregator of this.#device.aggregators()) next = earliest(next, aggregator.nextDeadline());
    for (const { trunk } of this.#device.entries()) next = earliest(next, trunk.nextDeadline());
    return next;
  }

  /** After the input `leave`: every partner has been told. */
  get hasLeft(): boolean {
    for (const _ of this.#device.members()) return false;
    return this.#isLeaving;
  }

  /** Once per batch of inputs: events through the wiring first, then what is due to the Host, until quiet. */
  settle(now: Micros): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const routed = this.#drainEvents(now);
      this.#leaveWhenHandedOver(now);
      this.#announce(now);
      // Whatever follows from what happened comes first, then the data plane, which has to collect before the PDU that
      // invites traffic leaves.
      if (routed) continue;
      // The peer waits for what we give up.
      if (this.#wiring.rolesChanged === "given up" && !this.#opens()) this.#sendHellos(now);
      this.#forward();
      this.#keepRoles();
      if (!this.#drainTransmissions(now)) {
        this.#plane?.fade();
        this.#device.bury();
        if (this.#device.desired !== undefined) this.#plane?.commit();
        this.#applyNetwork();
        return;
      }
    }
    assert(false, "the engine does not settle");
  }

  /** A process that follows a killed one goes on from what has been told. */
  #keepRoles(): void {
    if (this.#wiring.rolesChanged === undefined) return;
    this.#wiring.rolesChanged = undefined;
    this.#host.store.keepCheckpoint();
  }

  /** After the data plane, so that the trunks' devices are there. */
  #applyNetwork(): void {
    const network = this.#device.desired?.network;
    if (!this.#networkChanged || this.#isLeaving) return;
    this.#networkChanged = false;
    this.#host.network?.apply(network ?? NO_NETWORK);
  }

  #leaveWhenHandedOver(now: Micros): void {
    if (!this.#isLeaving || this.#hasSaidGoodbye) return;
    for (const { id } of this.#etrunks?.all() ?? []) if (!this.#wiring.handedOver.has(id)) return;
    this.#hasSaidGoodbye = true;
    this.#bfd?.table.leave(now);
    this.#device.leave(now);
  }

  #drainEvents(now: Micros): boolean {
    let routed = false;
    const paired = [this.#etrunks, this.#bfd, this.#flushes].filter((each) => each !== undefined);
    for (const trunk of this.#trunks()) trunk.settle(now);
    this.#flushes?.settle(now);
    for (const protocol of [...this.#device.aggregators(), ...this.#trunks(), ...paired])
      for (let event = protocol.nextEvent(); event !== undefined; event = protocol.nextEvent()) {
        this.#wiring.route(event, now);
        routed = true;
      }
    return routed;
  }

  /** Tells the network behind a trunk that its addresses are here now. */
  #announce(now: Micros): void {
    for (const { trunk, reason } of this.#wiring.announcements.splice(0))
      for (const device of this.#device.trunkDevices(trunk))
        this.#announcer.announce({ trunk, reason, ...device }, now);
    for (let event = this.#announcer.nextEvent(); event !== undefined; event = this.#announcer.nextEvent())
      this.#observe({ event: "announced", ...event }, now);
    for (const { trunk } of this.#device.entries()) if (!trunk.isUp) this.#announcer.stop(trunk.id);
  }

  #forward(): void {
    if (this.#plane === undefined) return;
    for (const trunk of [...this.#plane.trunks()])
      if (this.#device.entry(trunk) === undefined) this.#plane.forget(trunk);
    for (const { trunk } of this.#device.entries()) {
      if (!trunk.forwardingChanged) continue;
      trunk.forwardingChanged = false;
      this.#plane.follow(trunk);
    }
  }

  #opens(): boolean {
    const changed = [...this.#trunks()].filter((trunk) => trunk.forwardingChanged);
    return changed.some((trunk) => this.#plane?.opens(trunk) === true);
  }

  #sendHellos(now: Micros): boolean {
    let sent = false;
    while (this.#etrunks?.transmit(now) === true) sent = true;
    return sent;
  }

  #drainTransmissions(now: Micros): boolean {
    let sent = this.#sendHellos(now);
    while (this.#bfd?.transmit(now) === true) sent = true;
    while (this.#announcer.transmit(this.#out, now)) {
      this.#host.link.send(this.#out);
      sent = true;
    }
    while (this.#flushes?.transmit(this.#out, now) === true) {
      this.#host.link.send(this.#out);
      sent = true;
    }
    for (const aggregator of this.#device.aggregators())
      while (aggregator.transmit(this.#out, now)) {
        this.#host.link.send(this.#out);
        sent = true;
      }
    return sent;
  }

  *#trunks() {
    for (const { trunk } of this.#device.entries()) yield trunk;
  }

  #subjects(): ReadonlySet<string> {
    const subjects = new Set<string>();
    for (const { trunk } of this.#device.entries()) {
      subjects.add(`Eth-Trunk${trunk.id}`);
      for (const { name } of trunk.members()) subjects.add(name);
    }
    return subjects;
  }

  // Questions.

  checkpoint(): Checkpoint {
    return { ...this.#device.checkpoint(), etrunks: this.#etrunks?.checkpoint() ?? [] };
  }

  trunks(): readonly TrunkView[] {
    const views = [...this.#device.entries()].map((entry) => {
      const member = this.#etrunks?.memberOf(entry.trunk);
      return trunkView(this.#device, entry, member, this.#plane);
    });
    return views.sort((a, b) => a.id - b.id);
  }

  lacpStatistics(): readonly LacpStatisticsView[] {
    const views: LacpStatisticsView[] = [];
    for (const { trunk, aggregator } of this.#device.entries())
      if (aggregator !== undefined) views.push(statisticsOf(trunk, aggregator));
    return views.sort((a, b) => a.id - b.id);
  }

  lacpBrief(): LacpBriefView {
    return lacpBrief(this.#device);
  }

  etrunks(now: Micros): readonly EtrunkView[] {
    const sessions = this.#bfd?.views() ?? [];
    const all = [...(this.#etrunks?.all() ?? [])].map((etrunk) => etrunkView(this.#device, etrunk, sessions, now));
    return all.sort((a, b) => a.id - b.id);
  }

  etrunkPackets(): EtrunkPacketsView {
    return this.#etrunks?.packets() ?? { etrunkIdErrors: 0, lengthErrors: 0, etrunks: [] };
  }

  sessionCars(): readonly SessionCarView[] {
    return this.#etrunks?.sessionCars() ?? [];
  }

  bfdSessions(): readonly BoundBfdSessionView[] {
    const views = this.#bfd?.views() ?? [];
    return views.map((view) => ({
      ...view,
      applications: this.#etrunks?.isTracked(view.name) === true ? ["E-TRUNK"] : [],
    }));
  }

  /** Packets of no session, and faulty ones by what is wrong with them. */
  bfdStrays(): { readonly strays: number; readonly faults: { readonly [fault: string]: number } } {
    return { strays: this.#bfd?.table.strays ?? 0, faults: { ...this.#bfd?.table.faults } };
  }

  flushInterfaces(): readonly FlushInterfaceView[] {
    return this.#flushes?.views() ?? [];
  }

  /** The last decision of an E-Trunk and of its members; undefined: no such E-Trunk. */
  why(etrunk: number, now: Micros): EtrunkDecisionView | undefined {
    const found = this.#etrunks?.get(etrunk);
    return found && decisionView(found, now);
  }

  /** The addresses of an interface that can be used. */
  addressesOn(index: InterfaceIndex): readonly AddressState[] {
    return this.#device.addresses.statesOn(index);
  }

  /** The link of a member is down because another member, or another device, carries. */
  isStandby(name: string): boolean {
    return this.#device.isStandby(name);
  }

  alarms(): readonly AlarmView[] {
    return this.#alarms.views();
  }
}
