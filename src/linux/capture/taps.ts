import { NO_MAC } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { EthernetView } from "../../core/wire/ethernet.js";
import { FLUSH_GROUP } from "../../core/wire/flush.js";
import { RING_COLUMN, RING_ROW, type Ring, ringAddon } from "../native/ring.js";
import { blankFrame, type FrameLinkOptions, MOST_FRAMES } from "./frame-link.js";

/** Every protocol: a bridge takes a frame before a socket of one protocol would see it. */
const ETH_P_ALL = 0x0003;
/** A Flush, with what the kernel writes beside it; a longer frame is cut and still too long to be one. */
const SLOT_SIZE = 1_024;
const SLOTS = 256;
/** Frames described by one call into the addon. */
const BATCH = 32;

/** linux/filter.h */
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE = 0x4_0000;

/** Frames to the Flush group and no others; in the kernel, so that data costs next to nothing. */
const TO_FLUSH_GROUP = Uint32Array.from([
  ...[LOAD_WORD, 0, 0, 0],
  ...[JUMP_EQUAL, 0, 3, Math.floor(FLUSH_GROUP / 0x1_0000)],
  ...[LOAD_HALF, 0, 0, 4],
  ...[JUMP_EQUAL, 0, 1, FLUSH_GROUP % 0x1_0000],
  ...[RETURN, 0, 0, WHOLE],
  ...[RETURN, 0, 0, 0],
]);

/** Hears Flush frames on interfaces before a bridge or the data plane takes or drops them. */
export interface FrameTaps {
  listen(interfaces: readonly InterfaceIndex[]): void;
  /** Hands over frames that wait, a bounded number; returns how many. */
  drain(): number;
  /** Frames lost because they came faster than they were taken. */
  readonly dropped: number;
  close(): void;
}

export interface FrameTapsOptions extends FrameLinkOptions {
  /** An interface cannot be tapped. */
  failed(index: InterfaceIndex, errno: number): void;
}

export const openTaps = (options: FrameTapsOptions): FrameTaps => new RingTaps(options);

interface Tap {
  readonly ring: Ring;
  readonly bytes: DataView;
}

/** One filtered receive ring for each interface. */
class RingTaps implements FrameTaps {
  readonly #addon = ringAddon();
  readonly #options: FrameTapsOptions;
  readonly #taps = new Map<InterfaceIndex, Tap>();
  readonly #meta = new Uint32Array(BATCH * RING_ROW);
  readonly #header = new EthernetView();
  readonly #frame = blankFrame(new DataView(new ArrayBuffer(0)));
  #droppedBefore = 0;
  #draining = false;

  constructor(options: FrameTapsOptions) {
    this.#options = options;
  }

  listen(interfaces: readonly InterfaceIndex[]): void {
    const wanted = new Set(interfaces);
    for (const [index, tap] of this.#taps) if (!wanted.has(index)) this.#close(index, tap);
    for (const index of wanted) if (!this.#taps.has(index)) this.#open(index);
  }

  #open(index: InterfaceIndex): void {
    const { readable, failed } = this.#options;
    const ring = this.#addon.ringOpen(
      { protocol: ETH_P_ALL, ifindex: index, slotSize: SLOT_SIZE, slots: SLOTS, filter: TO_FLUSH_GROUP },
      readable,
    );
    if (typeof ring === "number") {
      failed(index, -ring);
      return;
    }
    // A NIC lets a group in that somebody asked for; a refusal means that the interface is gone.
    this.#addon.ringMember(ring, index, FLUSH_GROUP, true);
    this.#taps.set(index, { ring, bytes: new DataView(ring.buffer) });
  }

  #close(index: InterfaceIndex, { ring }: Tap): void {
    this.#taps.delete(index);
    this.#droppedBefore += this.#addon.ringDropped(ring);
    this.#addon.ringClose(ring);
  }

  drain(): number {
    // What is heard may change who listens: a batch under way is not given back to the kernel from within.
    if (this.#draining) return 0;
    this.#draining = true;
    let taken = 0;
    try {
      // In turns, so that a flood on one interface leaves the others theirs.
      for (let more = true; more && taken < MOST_FRAMES; ) {
        more = false;
        for (const [index, tap] of [...this.#taps]) {
          const count = this.#drainBatch(index, tap);
          taken += count;
          more = more || count === BATCH;
        }
      }
    } finally {
      this.#draining = false;
    }
    return taken;
  }

  #drainBatch(index: InterfaceIndex, tap: Tap): number {
    // Closed by what came in before.
    if (this.#taps.get(index) !== tap) return 0;
    const count = this.#addon.ringNext(tap.ring, this.#meta, BATCH);
    for (let at = 0; at < count * RING_ROW && this.#taps.get(index) === tap; at += RING_ROW) {
      const frame = this.#frame;
      frame.bytes = tap.bytes;
      frame.start = this.#meta[at + RING_COLUMN.start]!;
      frame.length = this.#meta[at + RING_COLUMN.length]!;
      frame.from = index;
      frame.vlan = this.#meta[at + RING_COLUMN.vlan]! | 0;
      const header = this.#header.wrap(frame.bytes, frame.start, frame.length);
      frame.source = header.fault() ? NO_MAC : header.source;
      this.#options.deliver(frame);
    }
    if (this.#taps.get(index) === tap) this.#addon.ringNext(tap.ring, this.#meta, 0);
    return Math.max(count, 0);
  }

  get dropped(): number {
    let dropped = this.#droppedBefore;
    for (const { ring } of this.#taps.values()) dropped += this.#addon.ringDropped(ring);
    return dropped;
  }

  close(): void {
    for (const [index, tap] of [...this.#taps]) this.#close(index, tap);
  }
}
