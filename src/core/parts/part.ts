import type { IncomingDatagram } from "../base/datagram.js";
import type { Incoming, Outgoing } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { Desired } from "../contract/desired/desired.js";
import type { Host } from "../contract/host.js";
import type { HostChange } from "../contract/input.js";
import type { Moment } from "../contract/questions.js";
import type { Checkpoint } from "../device/checkpoint.js";
import type { Device } from "../device/device.js";
import type { EthernetView } from "../wire/ethernet.js";

/** What a part tells the other parts and the world; `kind` is its name among the events of all parts. */
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
  /** What hellos say of us, e.g. `etrunkd 0.2.0`. */
  readonly software: string;
  /** Of every random number. */
  readonly seed: number;
}

/** What a part is made with. */
export interface PartContext {
  readonly device: Device;
  readonly host: Host;
  readonly run: Run;
  /** The one transmit buffer: a PDU has left or was copied when the Host's `send` returns. */
  readonly out: Outgoing;
  /** What the process before left. */
  readonly restored: Checkpoint | undefined;
}

/**
 * What became of a frame: `taken` by the protocol it belongs to; `stray`, of a protocol of ours, from an interface where it is
 * not expected; `truncated` before the PDU begins; `foreign`, of no protocol of the part that was asked.
 */
export type FrameFate = "taken" | "stray" | "truncated" | "foreign";

/**
 * One protocol of this device as the engine drives it. A part leaves out the methods it has no use for. No method reads a
 * clock or waits; what a part asks of the machine it asks of the Host it was made with.
 *
 *   called                     order       what for
 *   prepare, apply             up, down    the configuration, before and after the device has applied it
 *   hostChanged                up          links, addresses, refusals, when the device knows of them
 *   frame, datagram            up          what came in, until a part takes it
 *   pause, leave               up          the process stops; the device leaves for good
 *   expire                     down        a deadline is over
 *   then, until all is quiet:
 *   settle, nextEvent          up          decisions, and what follows from them elsewhere
 *   yield                      down        PDUs that give something up
 *   commit                     up          what PDUs will rest on: the data plane, the checkpoint
 *   send                       down        all other PDUs
 *   rest                       up          what nobody waits for
 *
 * `down` is the order of engine/parts.ts, the order of sending: the E-Trunk first, LACP last. `up` is the reverse: what an
 * E-Trunk decides follows from LACP, and LACP follows from links.
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

  /** The process stops for a restart, and another one goes on. */
  pause?(now: Micros): void;
  /** The device begins to leave for good. */
  leave?(now: Micros): void;

  /** Time has reached at least one deadline of the device. */
  expire?(now: Micros): void;
  /** When to call `expire` next; NEVER while nothing is pending. */
  nextDeadline?(): Micros;

  /** What came in together is decided on together. */
  settle?(now: Micros): void;
  /** One thing that other parts or the world should know; undefined when there is none. */
  nextEvent?(): Event | undefined;

  /** Sends what a peer waits for, where we give something up: it takes over once it has heard that. */
  yield?(now: Micros): void;
  /** Makes what was decided stand before a PDU tells of it: a kill may follow at any moment. */
  commit?(now: Micros): void;
  /** Sends all PDUs that are due; false when there was none. */
  send?(now: Micros): boolean;
  /** Everything has left: does what may wait until then. */
  rest?(now: Micros): void;

  /** What the process that follows needs of the part. */
  save?(): Partial<Checkpoint>;

  /** Answers to questions, by name. `parts`: those whose state the documents show as well. */
  answers?(parts: never): { readonly [question: string]: (asks: never, moment: Moment) => unknown };
  /** What an operator may do besides configuring, by name. Each is done by an input `act`. */
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
