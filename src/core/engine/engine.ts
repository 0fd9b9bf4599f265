import { NO_MAC } from "../base/address.js";
import type { IncomingDatagram } from "../base/datagram.js";
import type { Incoming, IncomingStream, InterfaceIndex, Outgoing } from "../base/protocol.js";
import { earliest, type Micros } from "../base/time.js";
import type { Desired } from "../contract/desired/desired.js";
import type { AddressState, Host } from "../contract/host.js";
import type { Driven, Input } from "../contract/input.js";
import { type Acting, type Answering, type Moment, Refusal, whole } from "../contract/questions.js";
import type { Checkpoint } from "../device/checkpoint.js";
import { Device } from "../device/device.js";
import type { FrameFate, Run } from "../parts/part.js";
import { EthernetView } from "../wire/ethernet.js";
import { Alarms } from "./alarms.js";
import { type Calls, callsOf } from "./calls.js";
import { type EngineEvent, News } from "./news.js";
import { PROTOCOLS, type Protocols } from "./protocols.js";
import { act, actionsOf, answersOf, type EngineActions, type EngineQuestions } from "./questions.js";
import { Turns } from "./turns.js";

/** Octets of the one transmit buffer: the largest frame we write. */
const TRANSMIT_BUFFER = 4_096;

/**
 * The whole of the core behind one door, which knows no protocol:
 *
 *   take, frameReceived, datagramReceived, streamReceived, expire
 *     --> device (device/device.ts), then the parts, one for each protocol (parts.ts)
 *   settle, after a batch of them (turns.ts)
 *     --> decisions of the parts --> events --> other parts (influences.ts)
 *                                           '-> `observe`: monitor and log lines (news.ts, the news of each part)
 *     --> the Host: data plane, checkpoint, PDUs
 *
 * The contract of a part and the order of the steps are in parts/part.ts.
 */
export class Engine implements Driven {
  readonly #device: Device;
  readonly #calls: Calls;
  readonly #alarms: Alarms;
  readonly #news: News;
  readonly #turns: Turns;
  readonly #header = new EthernetView();
  #isLeaving = false;
  /** What the core can be asked; asking changes nothing. */
  readonly answers: Answering<EngineQuestions>;
  /** What an operator may do. Each is done by an input `act`, which is recorded. */
  readonly actions: Acting<EngineActions>;
  /** Frames that no part took: too short, of no known protocol, or from an interface where the protocol is not expected. */
  readonly ignored = { truncated: 0, foreign: 0, stray: 0 };

  /** `restored`: the checkpoint of the process before. `protocols`: the lists that the core is made of. */
  constructor(
    host: Host,
    observe: (event: EngineEvent, now: Micros) => void,
    restored: Checkpoint | undefined,
    run: Run,
    protocols: Protocols = PROTOCOLS,
  ) {
    const out: Outgoing = { bytes: new DataView(new ArrayBuffer(TRANSMIT_BUFFER)), start: 0, length: 0, to: -1 };
    this.#device = new Device(host, restored, run.seed);
    const { parts, influences, news } = protocols;
    const made = parts({ device: this.#device, host, run, out, restored });
    this.#calls = callsOf(Object.values(made));
    this.#alarms = new Alarms(this.#calls.alarms);
    this.#news = new News(news, this.#alarms, observe);
    this.#turns = new Turns(this.#calls, { parts: made, influences, news: this.#news });
    this.answers = answersOf(this.#calls, made, this.#alarms);
    this.actions = actionsOf(this.#calls);
  }

  // Inputs.

  /** Of an action what it answers, or a Refusal. */
  take(input: Input, now: Micros): unknown {
    this.#alarms.touch();
    switch (input.kind) {
      case "configure":
        return this.#configure(input.desired, now);
      case "act":
        return act(this.actions, input.action, now);
      case "pause":
        this.#alarms.stop();
        for (const part of this.#calls.pause) part.pause(now);
        return undefined;
      case "leave":
        this.#isLeaving = true;
        this.#alarms.stop();
        for (const part of this.#calls.leave) part.leave(now);
        return undefined;
      default:
        this.#device.hostChanged(input, now);
        for (const part of this.#calls.hostChanged) part.hostChanged(input, now);
        return undefined;
    }
  }

  #configure(desired: Desired, now: Micros): void {
    for (const part of this.#calls.prepare) part.prepare(desired, now);
    this.#device.apply(desired, now);
    for (const part of this.#calls.apply) part.apply(desired, now);
  }

  /** A frame as it came off the wire, Ethernet header first. `frame` is reused: valid only until this returns. */
  frameReceived(frame: Incoming, now: Micros): void {
    const header = this.#header.wrap(frame.bytes, frame.start, frame.length);
    let fate: FrameFate = header.fault() === undefined ? "foreign" : "truncated";
    frame.source = fate === "foreign" ? header.source : NO_MAC;
    for (const part of this.#calls.frame) if (fate === "foreign") fate = part.frame(header, frame, now);
    if (fate !== "taken") this.ignored[fate]++;
  }

  /** A datagram that one of our sockets received. `datagram` is reused: valid only until this returns. */
  datagramReceived(datagram: IncomingDatagram, now: Micros): void {
    for (const part of this.#calls.datagram) if (part.datagram(datagram, now)) return;
  }

  /** Octets of a connection. `stream` is reused: valid only until this returns. */
  streamReceived(stream: IncomingStream, now: Micros): void {
    for (const part of this.#calls.stream) if (part.stream(stream, now)) return;
  }

  expire(now: Micros): void {
    for (const part of this.#calls.expire) part.expire(now);
    this.#news.expire(now);
  }

  nextDeadline(): Micros {
    let next = earliest(this.#alarms.nextDeadline(), this.#news.nextDeadline());
    for (const part of this.#calls.nextDeadline) next = earliest(next, part.nextDeadline());
    return next;
  }

  /** After the input `leave`: every partner has been told. */
  get hasLeft(): boolean {
    return this.#isLeaving && !this.#device.hasMembers;
  }

  /** Once per batch of inputs: decides, then sends, until no event and no PDU is left. */
  settle(now: Micros): void {
    this.#turns.settle(now);
  }

  /** Called after a `settle` that sent PDUs, with the time by which they have left. */
  left(now: Micros): void {
    this.#turns.left(now);
  }

  /** PDUs were sent, and `left` has not been called. */
  get hasSent(): boolean {
    return this.#turns.hasSent;
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
    return Object.assign({ ports: [] }, ...this.#calls.save.map((part) => part.save()));
  }

  /** The usable addresses of an interface. */
  addressesOn(index: InterfaceIndex): readonly AddressState[] {
    return this.#device.addresses.statesOn(index);
  }

  /** The link of a member is down because another member, or another device, carries. */
  isStandby(name: string): boolean {
    return this.#device.adminStates.isStandby(name);
  }
}
