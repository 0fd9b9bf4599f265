import type { RbsBody } from "../../core/wire/rbs/bodies.js";
import { RbsFramer } from "../../core/wire/rbs/framer.js";
import { rbsHeader } from "../../core/wire/rbs/layouts.js";
import { LONGEST_RBS_MESSAGE, RBS_MAGIC, type RbsFault, RbsView } from "../../core/wire/rbs/message.js";
import { rbsMessage } from "../../core/wire/rbs/names.js";
import { bodyLines, decodedBody } from "./rbs-bodies.js";
import type { Segment } from "./segment.js";

/** A segment of a stream of the remote backup service. Our own format, not that of VRP. */
export interface DecodedRbs {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Those that end in this segment. */
  readonly messages: readonly DecodedRbsMessage[];
  /** Octets of a message that goes on in the next segment. */
  readonly begun: number;
}

interface DecodedRbsMessage {
  /** Its number where it is not known. */
  readonly type: string;
  readonly sequence: number;
  /** Octets. */
  readonly length: number;
  /** Undefined where the type is not known. */
  readonly body: RbsBody | undefined;
  /** The same with the numbers of the body in words; null for no body. */
  toJSON(): object;
}

export interface DecodedRbsFault {
  readonly name: RbsFault | "sequence";
  readonly text: string;
  readonly clause: string;
}

const CLAUSE = "RBS of etrunkd, version 1";

/** One direction of a connection. */
interface Direction {
  readonly framer: RbsFramer;
  /** TCP sequence number of the octet that comes next. */
  next: number;
  /** Sequence number of the last message; undefined before the first. */
  last: number | undefined;
}

const view = new RbsView();

/** The connections of a capture. Where segments are missing, a connection is found again at the beginning of a message. */
export class RbsStreams {
  readonly #directions = new Map<string, Direction>();

  /** The messages that a segment ends; undefined where it is of no such stream. */
  read(
    bytes: DataView,
    segment: Segment,
  ): { readonly rbs: DecodedRbs; readonly fault: DecodedRbsFault | null } | undefined {
    const key = [segment.source, segment.destination].map(({ text }) => text).join(" ");
    const name = `${key} ${segment.sourcePort} ${segment.destinationPort}`;
    if (segment.isFirst) this.#directions.delete(name);
    if (segment.length === 0) return undefined;
    const direction = this.#directionOf(name, bytes, segment);
    if (direction === undefined) return undefined;
    const seen = Math.min(segment.length, (direction.next - segment.sequence) >>> 0);
    const { messages, fault } = readMessages(direction, bytes, segment.start + seen, segment.length - seen);
    direction.next = (direction.next + segment.length - seen) >>> 0;
    // What follows a fault, or octets that the capture did not keep, cannot be told from what it is not.
    if (fault !== null || segment.length < segment.sent) this.#directions.delete(name);
    return {
      rbs: {
        source: segment.source.text,
        destination: segment.destination.text,
        sourcePort: segment.sourcePort,
        destinationPort: segment.destinationPort,
        messages,
        begun: direction.framer.waiting,
      },
      fault,
    };
  }

  #directionOf(name: string, bytes: DataView, segment: Segment): Direction | undefined {
    const known = this.#directions.get(name);
    // Octets that came before are seen as at most 2^31 back.
    if (known !== undefined && (known.next - segment.sequence) >>> 0 < 0x8000_0000) return known;
    this.#directions.delete(name);
    if (!beginsMessage(bytes, segment)) return undefined;
    const direction = { framer: new RbsFramer(), next: segment.sequence, last: undefined };
    this.#directions.set(name, direction);
    return direction;
  }
}

function beginsMessage(bytes: DataView, { start, length }: Segment): boolean {
  const { at, size } = rbsHeader;
  if (length < size || bytes.getUint16(start + at.magic) !== RBS_MAGIC) return false;
  const whole = bytes.getUint32(start + at.length);
  return whole >= size && whole <= LONGEST_RBS_MESSAGE;
}

function readMessages(direction: Direction, bytes: DataView, start: number, length: number) {
  const messages: DecodedRbsMessage[] = [];
  let fault: DecodedRbsFault | null = null;
  const head = direction.framer.take(bytes, start, length, (message, at, octets) => {
    // Records are read from the message when it is printed, and its octets are reused.
    const start = message.byteOffset + at;
    const name = view.wrap(new DataView(message.buffer.slice(start, start + octets)), 0, octets).fault();
    const expected = direction.last === undefined ? view.sequence : direction.last + 1;
    direction.last = view.sequence;
    messages.push(decoded());
    if (name !== undefined) fault = { name, text: faultText(name), clause: CLAUSE };
    else if (view.sequence !== expected)
      fault = { name: "sequence", text: `the sequence is ${view.sequence}, must be ${expected}`, clause: CLAUSE };
    return fault === null;
  });
  if (head !== undefined) fault = { name: head, text: faultText(head), clause: CLAUSE };
  return { messages, fault };
}

function decoded(): DecodedRbsMessage {
  const { type, sequence, length, body } = view;
  const head = { type: rbsMessage(type) ?? String(type), sequence, length };
  return { ...head, body, toJSON: () => ({ ...head, body: body === undefined ? null : decodedBody(body) }) };
}

const FAULTS: { readonly [F in RbsFault]: string } = {
  magic: "a message does not begin with 0x5242",
  version: "the version is not 1",
  length: `the length is not 16 to ${LONGEST_RBS_MESSAGE}`,
  number: "a number is more than 2^53 - 1",
  body: "the body is shorter than its fields and counts say",
  value: "a field has a value out of its range",
  record: "a record is cut short or has a value out of its range",
};

const faultText = (name: RbsFault): string => FAULTS[name];

/** The messages as lines of text. */
export function rbsLines({ source, destination, sourcePort, destinationPort, messages, begun }: DecodedRbs): string[] {
  const lines = [`       ${source} port ${sourcePort} > ${destination} port ${destinationPort}`];
  for (const { type, sequence, length, body } of messages) {
    const [first, ...more] = body === undefined ? ["of a type that is not known"] : bodyLines(body);
    lines.push(`       ${type} ${sequence}, ${length} octets: ${first}`, ...more.map((line) => `         ${line}`));
  }
  if (begun > 0) lines.push(`       ${begun} octets of the next message`);
  return lines;
}
