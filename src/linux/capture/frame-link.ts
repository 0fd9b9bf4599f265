import { NO_MAC } from "../../core/base/address.js";
import { type Incoming, type InterfaceIndex, NO_VLAN, type Outgoing } from "../../core/base/protocol.js";
import { missingCapabilities } from "../capabilities.js";
import { PRIORITY, type Sender, sendAddon } from "../native/send.js";
import type { TellRefusal } from "../refusals.js";
import { systemError } from "../system-error.js";

/** An interface that carries frames. */
export interface FramePort {
  readonly index: InterfaceIndex;
  readonly name: string;
}

export interface FrameCounters {
  /** Frames handed to `deliver`. */
  readonly received: number;
  /** Frames lost here: there was no room, or they were beyond the share of their interface. */
  readonly dropped: number;
  readonly sendErrors: number;
  /** How often the receiving side had to be started anew. */
  readonly restarts: number;
}

/** Slow protocol frames in and out of a set of interfaces, however they are got. */
export interface FrameLink {
  /** Hands over frames that wait, at most MOST_FRAMES; returns how many it took out. Callable at any time. */
  drain(): number;
  /** Copies or sends at once; a failure is counted, never thrown. */
  send(out: Outgoing): void;
  /**
   * The interfaces are now these; one that was refused is tried again. An interface that is down or gone is no error; a
   * re-made one has a new index.
   */
  setPorts(ports: readonly FramePort[]): void;
  readonly counters: FrameCounters;
  close(): void;
}

export interface FrameLinkOptions {
  /**
   * One frame, Ethernet header first, its VLAN tag taken out. The object and its bytes are reused: valid only until this
   * returns.
   */
  deliver(frame: Incoming): void;
  /** Frames of an interface cannot be heard. */
  readonly refused: TellRefusal<InterfaceIndex>;
  /** Frames wait; at most once per turn of the event loop, and again while some are left. */
  readable(): void;
}

/** Options of a link whose interfaces share one buffer. */
export interface SharedLinkOptions extends FrameLinkOptions {
  /** Most frames of one interface that are taken in a second, so that a flood leaves the others theirs; undefined: no limit. */
  readonly mostOfOne?: number;
  /** So many frames of an interface were beyond that. */
  excess?(port: InterfaceIndex, frames: number): void;
}

/**
 * The VLAN of a frame that bore a tag whose ID the kernel has not told: it takes the tag away before it hands a frame to
 * a socket bound to one EtherType. 802.1Q Table 9-2 reserves this ID.
 */
export const UNKNOWN_VLAN = 4095;

/** Most frames one `drain` hands over, so that a flood leaves others their turn. */
export const MOST_FRAMES = 256;

/** A frame in these octets, to be filled in again and again. */
export const blankFrame = (bytes: DataView): Incoming => ({
  bytes,
  start: 0,
  length: 0,
  from: 0,
  vlan: NO_VLAN,
  source: NO_MAC,
});

/** Names the missing capability, in one line. */
export function requirePacketSockets(): void {
  if (missingCapabilities(["CAP_NET_RAW"]).length > 0)
    throw new Error("CAP_NET_RAW is missing: frames cannot be received or sent; run as root or grant CAP_NET_RAW");
}

/** Sends frames as control traffic, which a congested interface lets pass before data; what the kernel refuses (ENOBUFS, ENETDOWN, ENXIO) is a lost frame, counted. */
export class FrameSender {
  errors = 0;
  readonly #addon = sendAddon();
  readonly #sender: Sender;

  constructor() {
    const sender = this.#addon.senderOpen(PRIORITY.control);
    if (typeof sender === "number") throw systemError("packet socket", -sender);
    this.#sender = sender;
  }

  send(out: Outgoing): void {
    if (this.#addon.send(this.#sender, out.bytes, out.start, out.length, out.to) < 0) this.errors++;
  }

  close(): void {
    this.#addon.senderClose(this.#sender);
  }
}
