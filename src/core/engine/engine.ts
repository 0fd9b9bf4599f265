import { assert, unreachable } from "../base/assert.js";
import type { IncomingDatagram } from "../base/datagram.js";
import type { Incoming, InterfaceIndex, Outgoing } from "../base/protocol.js";
import { Random } from "../base/random.js";
import { earliest, type Micros } from "../base/time.js";
import { trunkOfDevice, trunkOfInner } from "../base/trunk-names.js";
import type { Desired } from "../contract/desired/desired.js";
import type { NetworkWish } from "../contract/desired/network.js";
import type { EngineEvent } from "../contract/events.js";
import type { AddressState, Host, LinkState } from "../contract/host.js";
import type { Action, Driven, Input, Refusable, Refused } from "../contract/input.js";
import { type Acting, type Answering, type Moment, Refusal, whole } from "../contract/questions.js";
import type { Checkpoint } from "../device/checkpoint.js";
import { Device } from "../device/device.js";
import { Announcer } from "../neighbours/announcer.js";
import { BfdSessions } from "../parts/bfd/bfd-sessions.js";
import { bfdActing, bfdAnswers } from "../parts/bfd/questions.js";
import { Etrunks } from "../parts/etrunk/etrunks.js";
import { etrunkActing, etrunkAnswers } from "../parts/etrunk/questions.js";
import { Flushes } from "../parts/flush/flushes.js";
import { flushActing, flushAnswers } from "../parts/flush/questions.js";
import { hostsBehind } from "../parts/neighbours/hosts-behind.js";
import { ForwardingPlane } from "../parts/trunks/forwarding-plane.js";
import { trunkActing, trunkAnswers } from "../parts/trunks/questions.js";
import { Alarms } from "./alarms.js";
import { demux } from "./demux.js";
import { alarmAnswers, type EngineActions, type EngineQuestions } from "./questions.js";
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
  readonly #plane: ForwardingPlane;
  readonly #etrunks: Etrunks;
  readonly #bfd: BfdSessions;
  readonly #flushes: Flushes;
  readonly #out: Outgoing = { bytes: new DataView(new ArrayBuffer(TRANSMIT_BUFFER)), start: 0, length: 0, to: -1 };
  #isLeaving = false;
  #hasSaidGoodbye = false;
  /** The Host has still to be told what the network shall be. */
  #networkChanged = false;
  /** What the core can be asked; asking changes nothing. */
  readonly answers: Answering<EngineQuestions>;
  /** What an operator may do. Each is done by an input `act`, which is recorded. */
  readonly actions: Acting<EngineActions>;
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
    this.#plane = new ForwardingPlane(host.forwarding);
    const surroundings = { datagrams, digests, ...run };
    this.#etrunks = new Etrunks(this.#device, surroundings, this.#out.bytes, restored?.etrunks ?? []);
    this.#bfd = new BfdSessions(this.#device, datagrams, host.pacer, new Random(run.seed ?? 1), digests);
    this.#flushes = new Flushes(this.#device, host, digests, run.epoch);
    this.#wiring = new Wiring(this.#device, this.#etrunks, this.#flushes, this.#alarms, host, observe);
    this.answers = this.#answering();
    this.actions = {
      ...trunkActing(this.#device),
      ...etrunkActing(this.#etrunks),
      ...bfdActing(this.#bfd),
      ...flushActing(this.#flushes),
    };
  }

  #answering(): Answering<EngineQuestions> {
    const [device, plane, etrunks, bfd] = [this.#device, this.#plane, this.#etrunks, this.#bfd];
    return {
      ...trunkAnswers({ device, plane, memberOf: (trunk) => etrunks.memberOf(trunk) }),
      ...etrunkAnswers(etrunks, { device, stateOf: (session) => bfd.stateOf(session) }),
      ...bfdAnswers(bfd, (session) => (etrunks.isTracked(session) ? ["E-TRUNK"] : [])),
      ...flushAnswers(this.#flushes),
      ...alarmAnswers(this.#alarms),
    };
  }

  // Inputs.

  take(input: Input, now: Micros): unknown {
    switch (input.kind) {
      case "configure":
        return this.#configure(input.desired, now);
      case "act":
        return this.#act(input.action, now);
      case "link":
        return this.#linkChanged(input.link, now);
      case "address":
        return this.#addressChanged(input.address, now);
      case "pacer":
        return this.#bfd.pacerReported(input.report, now);
      case "refused":
        return this.#refused(input, now);
      case "pause":
        return this.#bfd.table.leave(now);
      case "leave":
        this.#isLeaving = true;
        return this.#etrunks.leave(now);
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
      if (!this.#flushes.receive(frame, now)) this.ignored.stray++;
      return;
    }
    const aggregator = this.#device.aggregatorOf(frame.from);
    if (aggregator === undefined) this.ignored.stray++;
    else if (kind === "misaddressed") aggregator.misaddressed(frame, now);
    else aggregator.receive(frame, now);
  }

  /** A datagram that one of our sockets received. `datagram` is reused: valid only until this returns. */
  datagramReceived(datagram: IncomingDatagram, now: Micros): void {
    if (!this.#bfd.receive(datagram, now)) this.#etrunks.receive(datagram, now);
  }

  #act({ name, asks }: Action, now: Micros): unknown {
    const actions: { readonly [name: string]: (asks: never, now: Micros) => unknown } = this.actions;
    const act = actions[name];
    return act === undefined ? new Refusal(`there is no action "${name}"`) : act(asks as never, now);
  }

  #configure(desired: Desired, now: Micros): void {
    const before = this.#subjects();
    this.#retryForwarding(undefined, now);
    this.#host.network.prepare(desired.network ?? NO_NETWORK);
    this.#device.apply(desired, now);
    this.#etrunks.apply(desired, now);
    this.#bfd.apply(desired, now);
    this.#flushes.apply(desired);
    this.#networkChanged = true;
    const after = this.#subjects();
    this.#wiring.forget(
      [...before].filter((subject) => !after.has(subject)),
      now,
    );
  }

  #linkChanged(link: LinkState, now: Micros): void {
    const before = this.#device.links.at(link.index);
    if (before !== undefined && (!link.present || link.name !== before.name)) this.#deviceLost(before.name, now);
    this.#device.linkChanged(link, now);
    const cameUp = link.up && link.carrier && !(before?.up && before.carrier);
    if (cameUp) this.#retryForwarding(link.index, now);
    this.#bfd.refresh(now);
    this.#flushes.linksChanged(now);
  }

  #addressChanged(address: AddressState, now: Micros): void {
    this.#device.addressChanged(address);
    this.#etrunks.addressChanged(address);
    this.#bfd.refresh(now);
  }

  #refused(refused: Refused, now: Micros): void {
    if (refused.what === "socket") this.#etrunks.socketChanged(refused.subject, refused.text);
    else if (refused.text !== undefined) this.#forwardingFailed(refused.subject, refused.text, now);
  }

  #forwardingFailed({ trunk, member }: Refusable["forwarding"], text: string, now: Micros): void {
    this.#wiring.forwardingFailed(trunk, member, text, now);
    if (member !== undefined) this.#device.members.refuse(trunk, member, text, now);
  }

  /** What the data plane refused may be possible now: of one interface that came up, else of all. */
  #retryForwarding(only: InterfaceIndex | undefined, now: Micros): void {
    for (const index of this.#device.members.retry(only, now))
      for (const trunk of this.#plane.retry(index)) this.#wiring.forwardingRetried(trunk, now);
  }

  /** Somebody took a trunk's device or sub-interface away, and the trunk with it: it is made again. */
  #deviceLost(name: string, now: Micros): void {
    const id = trunkOfDevice(name) ?? trunkOfInner(name);
    const entry = id === undefined ? undefined : this.#device.trunk(id);
    if (id === undefined || entry === undefined || this.#isLeaving) return;
    this.#plane.retell(id);
    entry.trunk.forwardingLost();
    this.#wiring.forwardingRetried(id, now);
  }

  expire(now: Micros): void {
    this.#etrunks.expire(now);
    this.#bfd.table.expire(now);
    this.#flushes.expire(now);
    for (const aggregator of this.#device.aggregators) if (aggregator.nextDeadline() <= now) aggregator.expire(now);
    for (const { trunk } of this.#device.trunks) if (trunk.nextDeadline() <= now) trunk.expire(now);
  }

  nextDeadline(): Micros {
    let next = earliest(this.#announcer.nextDeadline(), this.#etrunks.nextDeadline());
    next = earliest(next, this.#bfd.table.nextDeadline());
    next = earliest(next, this.#flushes.nextDeadline());
    for (const aggregator of this.#device.aggregators) next = earliest(next, aggregator.nextDeadline());
    for (const { trunk } of this.#device.trunks) next = earliest(next, trunk.nextDeadline());
    return next;
  }

  /** After the input `leave`: every partner has been told. */
  get hasLeft(): boolean {
    return this.#isLeaving && !this.#device.hasMembers;
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
        this.#plane.fade();
        this.#device.forgetRetired();
        if (this.#device.desired !== undefined) this.#plane.commit();
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
    this.#host.network.apply(network ?? NO_NETWORK);
  }

  #leaveWhenHandedOver(now: Micros): void {
    if (!this.#isLeaving || this.#hasSaidGoodbye) return;
    for (const { id } of this.#etrunks.all()) if (!this.#wiring.handedOver.has(id)) return;
    this.#hasSaidGoodbye = true;
    this.#bfd.table.leave(now);
    this.#device.leave(now);
  }

  #drainEvents(now: Micros): boolean {
    let routed = false;
    const paired = [this.#etrunks, this.#bfd, this.#flushes];
    for (const trunk of this.#trunks()) trunk.settle(now);
    this.#flushes.settle(now);
    this.#etrunks.settle(now);
    for (const protocol of [...this.#device.aggregators, ...this.#trunks(), ...paired])
      for (let event = protocol.nextEvent(); event !== undefined; event = protocol.nextEvent()) {
        this.#wiring.route(event, now);
        routed = true;
      }
    return routed;
  }

  /** Tells the network behind a trunk that its addresses are here now. */
  #announce(now: Micros): void {
    for (const { trunk, reason } of this.#wiring.announcements.splice(0))
      for (const device of hostsBehind(this.#device, trunk))
        this.#announcer.announce({ trunk, reason, ...device }, now);
    for (let event = this.#announcer.nextEvent(); event !== undefined; event = this.#announcer.nextEvent())
      this.#observe({ event: "announced", ...event }, now);
    for (const { trunk } of this.#device.trunks) if (!trunk.isUp) this.#announcer.stop(trunk.id);
  }

  #forward(): void {
    for (const trunk of [...this.#plane.trunks()])
      if (this.#device.trunk(trunk) === undefined) this.#plane.forget(trunk);
    for (const { trunk } of this.#device.trunks) {
      if (trunk.forwarding === "in step") continue;
      this.#plane.follow(trunk);
      trunk.forwardingFollowed();
    }
  }

  #opens(): boolean {
    return this.#device.trunks.some(({ trunk }) => trunk.forwarding === "opens");
  }

  #sendHellos(now: Micros): boolean {
    let sent = false;
    while (this.#etrunks.transmit(now)) sent = true;
    return sent;
  }

  #drainTransmissions(now: Micros): boolean {
    let sent = this.#sendHellos(now);
    while (this.#bfd.transmit(now)) sent = true;
    while (this.#announcer.transmit(this.#out, now)) {
      this.#host.link.send(this.#out);
      sent = true;
    }
    while (this.#flushes.transmit(this.#out, now)) {
      this.#host.link.send(this.#out);
      sent = true;
    }
    for (const aggregator of this.#device.aggregators)
      while (aggregator.transmit(this.#out, now)) {
        this.#host.link.send(this.#out);
        sent = true;
      }
    return sent;
  }

  *#trunks() {
    for (const { trunk } of this.#device.trunks) yield trunk;
  }

  #subjects(): ReadonlySet<string> {
    const subjects = new Set<string>();
    for (const { trunk } of this.#device.trunks) {
      subjects.add(`Eth-Trunk${trunk.id}`);
      for (const { name } of trunk.members()) subjects.add(name);
    }
    return subjects;
  }

  // Questions.

  /** An answer with all its rows. */
  ask<Name extends keyof EngineQuestions>(
    name: Name,
    asks: EngineQuestions[Name]["asks"],
    moment: Moment,
  ): EngineQuestions[Name]["answer"] | Refusal {
    const given = this.answers[name](asks, moment);
    return given instanceof Refusal ? given : (whole(given) as EngineQuestions[Name]["answer"]);
  }

  checkpoint(): Checkpoint {
    return { ...this.#device.checkpoint(), etrunks: this.#etrunks.checkpoint() };
  }

  /** The addresses of an interface that can be used. */
  addressesOn(index: InterfaceIndex): readonly AddressState[] {
    return this.#device.addresses.statesOn(index);
  }

  /** The link of a member is down because another member, or another device, carries. */
  isStandby(name: string): boolean {
    return this.#device.adminStates.isStandby(name);
  }
}
