import { rbsHeader } from "./layouts.js";
import { headFault, LONGEST_RBS_MESSAGE, type RbsFault } from "./message.js";

/** What becomes of a whole message; false: no more messages are wanted. */
export type MessageTaker = (bytes: DataView, start: number, length: number) => boolean;

const FIRST_ROOM = 256;

/**
 * Cuts messages from a stream of octets, wherever its pieces end. A message within one piece is not copied, one over a border is
 * joined. No length that a peer states is believed: memory grows with the octets that have come, up to the longest message.
 */
export class RbsFramer {
  /** The begun message: its octets so far. */
  #rest = new Uint8Array(0);
  #restLength = 0;

  /** Octets that wait for the rest of their message. */
  get waiting(): number {
    return this.#restLength;
  }

  /** The next piece. Returns the fault of a header, after which the stream cannot be followed. */
  take(bytes: DataView, start: number, length: number, taker: MessageTaker): RbsFault | undefined {
    const end = start + length;
    let at = start;
    while (this.#restLength > 0 && at < end) {
      at += this.#fill(bytes, at, end - at);
      const view = new DataView(this.#rest.buffer, 0, this.#restLength);
      const fault = headFault(view, 0, this.#restLength);
      if (fault !== undefined) return fault;
      if (this.#missing() > 0) continue;
      this.#restLength = 0;
      if (!taker(view, 0, view.byteLength)) return undefined;
    }
    while (at < end) {
      const fault = headFault(bytes, at, end - at);
      if (fault !== undefined) return fault;
      const whole = lengthAt(bytes, at, end - at);
      if (whole === undefined || whole > end - at) break;
      if (!taker(bytes, at, whole)) return undefined;
      at += whole;
    }
    this.#keep(bytes, at, end - at);
    return undefined;
  }

  /** How many octets the begun message is known to lack: of its header, then of the whole. */
  #missing(): number {
    const view = new DataView(this.#rest.buffer, 0, this.#restLength);
    return (lengthAt(view, 0, this.#restLength) ?? rbsHeader.size) - this.#restLength;
  }

  /** Adds what the begun message lacks; returns how many octets that took. */
  #fill(bytes: DataView, at: number, length: number): number {
    const taken = Math.min(length, this.#missing());
    this.#keep(bytes, at, taken);
    return taken;
  }

  #keep(bytes: DataView, at: number, length: number): void {
    const needed = this.#restLength + length;
    if (needed > this.#rest.length) {
      const room = Math.min(LONGEST_RBS_MESSAGE, Math.max(FIRST_ROOM, 2 * needed));
      const grown = new Uint8Array(room);
      grown.set(this.#rest.subarray(0, this.#restLength));
      this.#rest = grown;
    }
    this.#rest.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length), this.#restLength);
    this.#restLength = needed;
  }
}

/** The length that a message states; undefined before its octets are there. */
const lengthAt = (bytes: DataView, at: number, length: number): number | undefined =>
  length < rbsHeader.size ? undefined : bytes.getUint32(at + rbsHeader.at.length);
