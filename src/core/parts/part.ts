import type { IncomingDatagram } from "../base/datagram.js";
import type { Incoming, IncomingStream, Outgoing } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "../contract/desired/desired.js";
import type { Host } from "../contract/host.js";
import type { HostChange } from "../contract/input.js";
import type { Moment } from "../contract/questions.js";
import type { Checkpoint } from "../device/checkpoint.js";
import type { Device } from "../device/device.js";
import type { EthernetView } from "../wire/ethernet.js";
import type { Condition } from "./alarm.js";

/** An event of a part, for other parts and the world; `kind` is its name among the events of all parts. */
export interface PartEvent {
  readonly kind: string;
}

/** The events of some parts. */
export type EventsOf<Parts> = {
  [Name in keyof Parts]: Parts[Name] extends { nextEvent(): infer Event } ? Exclude<Event, undefined> : never;
}[keyof Parts];

/** The run of the process. */
export interface Run {
  /** Microseconds since 1970 when the run began, or one above the last epoch that was used. */
  readonly epoch: number;
  /** Name and version of the program in hellos, e.g. `etrunkd 0.2.0`. */
  readonly software: string;
  /** Seed of every random number. */
  readonly seed: number;
}

/** Everything that a part is made with. */
export interface PartContext {
  readonly device: Device;
  readonly host: Host;
  readonly run: Run;
  /** The one transmit buffer: a PDU has left or was copied when the Host's `send` returns. */
  readonly out: Outgoing;
  /** The checkpoint of the process before. */
  readonly restored: Checkpoint | undefined;
}

/**
 * The fate of a frame: `taken` by the protocol it belongs to; `stray`, of a protocol of ours, from an interface where it is
 * not expected; `truncated` before the PDU begins; `foreign`, of no protocol of the part that was asked.
 */
export type FrameFate = "taken" | "stray" | "truncated" | "foreign";

/**
 * One protocol of this device as the engine drives it. A part leaves out the methods it has no use for. No method reads a
 * clock or waits; requests to the machine go to the Host.
 *
 *   method                     order       what for
 *   prepare, apply             up, down    the configuration, before and after the device has applied it
 *   hostChanged                up          links, addresses, refusals, when the device knows of them
 *   frame, datagram, stream    up          what came in, until a part takes it
 *   pause, leave               up          the process stops; the device leaves for good
 *   expire                     down        a deadline is over
 *   then, until all is quiet:
 *   settle, nextEvent          up          decisions, and their consequences for other parts
 *   yield                      down        PDUs that give something up
 *   commit                     up          the data plane and the checkpoint, which PDUs will rest on
 *   send                       down        all other PDUs
 *   rest                       up          slow work that no peer waits for
 *   and, after a `settle` that sent:
 *   left                       down        the time by which all PDUs have left
 *
 * `down` is the order of engine/parts.ts, the order of sending: the E-Trunk first, LACP last. `up` is the reverse, since the
 * decisions of an E-Trunk follow from LACP.
 */
export interface Part<Event extends PartEvent = PartEvent> {
  /** A configuration comes: takes back what must be gone before trunks and members change. */
  prepare?(desired: Desired, now: Micros): void;
  /** The configuration is now this. */
  apply?(desired: Desired, now: Micros): void;
  hostChanged?(change: HostChange, now: Micros): void;

  /** `header` lies over the frame. The frame is reused: valid only until the call returns. */
  frame?(header: EthernetView, frame: Incoming, now: Micros): FrameFate;
  /** True: the datagram was for this part. It is reused: valid only until the call returns. */
  datagram?(datagram: IncomingDatagram, now: Micros): boolean;
  /** True: the connection is this part's. The octets are reused as well. */
  stream?(stream: IncomingStream, now: Micros): boolean;

  /** The process stops for a restart, and another one goes on. */
  pause?(now: Micros): void;
  /** The device begins to leave for good. */
  leave?(now: Micros): void;

  /** Time has reached at least one deadline of the device. */
  expire?(now: Micros): void;
  /** When to call `expire` next; NEVER while nothing is pending. */
  nextDeadline?(): Micros;

  /** Decides on all inputs that came together. */
  settle?(now: Micros): void;
  /** The next event; undefined when there is none. */
  nextEvent?(): Event | undefined;

  /** Sends PDUs that only give something up: the peer takes over when it hears them. */
  yield?(now: Micros): void;
  /** Makes decisions stand before a PDU tells of them, since a kill may follow at any moment. */
  commit?(now: Micros): void;
  /** Sends all PDUs that are due; false when there was none. */
  send?(now: Micros): boolean;
  /** Does work that may wait until every PDU has left. */
  rest?(now: Micros): void;
  /** The PDUs of the last `settle` have left by now: limits of a rate count from here. */
  left?(now: Micros): void;

  /** The conditions that hold now and are alarms. They rest on inputs, events and time, not on a frame that raised no event. */
  alarms?(now: Micros): Iterable<Condition>;

  /** The part's share of the checkpoint. */
  save?(): Partial<Checkpoint>;

  /** Answers to questions, by name. `parts`: those whose state the documents show as well. */
  answers?(parts: never): { readonly [question: string]: (asks: never, moment: Moment) => unknown };
  /** Actions of an operator, by name. Each is done by an input `act`. */
  actions?(): { readonly [action: string]: (asks: never, now: Micros) => unknown };
}

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The answers, and the actions, of all these parts. */
export type AnswersOf<Parts> = AllOf<
  { [Name in keyof Parts]: Parts[Name] extends { answers(parts: never): infer Answers } ? Answers : never }[keyof Parts]
>;
export type ActionsOf<Parts> = AllOf<
  { [Name in keyof Parts]: Parts[Name] extends { actions(): infer Actions } ? Actions : never }[keyof Parts]
>;
