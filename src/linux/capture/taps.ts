import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { FrameFilter, Taps } from "../../core/contract/host.js";
import { RING_COLUMN, RING_ROW, type Ring, ringAddon } from "../native/ring.js";
import { Refusals } from "../refusals.js";
import { systemError } from "../system-error.js";
import { compileFilters } from "./filter.js";
import { blankFrame, type FrameLinkOptions, MOST_FRAMES } from "./frame-link.js";

/** Every EtherType: a bridge takes a frame before a socket of one EtherType would see it. */
const ETH_P_ALL = 0x0003;
/** Octets of a slot: 900 of a frame, and the kernel's own beside them; a longer frame is cut. */
const SLOT_SIZE = 1_024;
const SLOTS = 256;
/** Frames described by one call into the addon. */
const BATCH = 32;

/** Hears frames on interfaces before a bridge or the data plane takes or drops them. */
export interface FrameTaps extends Taps {
  /** Hands over frames that wait, a bounded number; returns how many. */
  drain(): number;
  /** Frames lost because they came faster than they were taken. */
  readonly dropped: number;
  close(): void;
}

export const openTaps = (options: FrameLinkOptions): FrameTaps => new RingTaps(options);

interface Tap {
  readonly ring: Ring;
  readonly bytes: DataView;
  filters: readonly FrameFilter[];
}

/** A filter and the interfaces whose frames are wanted. */
interface Wish {
  readonly filter: FrameFilter;
  readonly interfaces: ReadonlySet<InterfaceIndex>;
}

const keyOf = ({ destination, type, icmpv6 }: FrameFilter): string => `${destination} ${type} ${icmpv6}`;
const isGroup = (address: Mac): boolean => Math.floor(address / 2 ** 40) % 2 === 1;

/** One receive ring for each interface, with all filters that are wanted on it. */
class RingTaps implements FrameTaps {
  readonly #addon = ringAddon();
  readonly #options: FrameLinkOptions;
  readonly #wishes = new Map<string, Wish>();
  readonly #taps = new Map<InterfaceIndex, Tap>();
  readonly #refusals: Refusals<InterfaceIndex>;
  readonly #meta = new Uint32Array(BATCH * RING_ROW);
  readonly #frame = blankFrame(new DataView(new ArrayBuffer(0)));
  #droppedBefore = 0;
  #draining = false;

  constructor(options: FrameLinkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.refused, String);
  }

  listen(filter: FrameFilter, interfaces: readonly InterfaceIndex[]): void {
    this.#wishes.set(keyOf(filter), { filter, interfaces: new Set(interfaces) });
    const wanted = this.#filtersByInterface();
    for (const [index, tap] of this.#taps) if (!wanted.has(index)) this.#close(index, tap);
    for (const index of this.#refusals.subjects()) if (!wanted.has(index)) this.#refusals.answered(index, undefined);
    for (const [index, filters] of wanted) {
      const tap = this.#taps.get(index);
      if (tap === undefined) this.#open(index, filters);
      else this.#refilter(index, tap, filters);
    }
  }

  #filtersByInterface(): Map<InterfaceIndex, FrameFilter[]> {
    const wanted = new Map<InterfaceIndex, FrameFilter[]>();
    for (const { filter, interfaces } of this.#wishes.values())
      for (const index of interfaces) wanted.set(index, [...(wanted.get(index) ?? []), filter]);
    return wanted;
  }

  #open(index: InterfaceIndex, filters: readonly FrameFilter[]): void {
    const filter = compileFilters(filters);
    const wish = { protocol: ETH_P_ALL, ifindex: index, slotSize: SLOT_SIZE, slots: SLOTS, filter };
    const ring = this.#addon.ringOpen(wish, this.#options.readable);
    this.#answered(index, typeof ring === "number" ? ring : 0);
    if (typeof ring === "number") return;
    this.#join(index, ring, filters, true);
    this.#taps.set(index, { ring, bytes: new DataView(ring.buffer), filters });
  }

  #refilter(index: InterfaceIndex, tap: Tap, filters: readonly FrameFilter[]): void {
    const [before, now] = [new Set(tap.filters), new Set(filters)];
    const came = filters.filter((filter) => !before.has(filter));
    const went = tap.filters.filter((filter) => !now.has(filter));
    if (came.length === 0 && went.length === 0 && !this.#refusals.isRefused(index)) return;
    this.#answered(index, this.#addon.ringFilter(tap.ring, compileFilters(filters)));
    this.#join(index, tap.ring, came, true);
    this.#join(index, tap.ring, went, false);
    tap.filters = filters;
  }

  /** Asks the NIC to let groups in; the kernel refuses only when the interface is gone. */
  #join(index: InterfaceIndex, ring: Ring, filters: readonly FrameFilter[], join: boolean): void {
    for (const { destination } of filters)
      if (destination !== undefined && isGroup(destination)) this.#addon.ringMember(ring, index, destination, join);
  }

  #answered(index: InterfaceIndex, result: number): void {
    this.#refusals.answered(index, result < 0 ? systemError("packet socket", -result).message : undefined);
  }

  #close(index: InterfaceIndex, { ring }: Tap): void {
    this.#taps.delete(index);
    this.#droppedBefore += this.#addon.ringDropped(ring);
    this.#addon.ringClose(ring);
  }

  drain(): number {
    // `deliver` may call `listen` and `drain`; the batch under way must not go back to the kernel then.
    if (this.#draining) return 0;
    this.#draining = true;
    let taken = 0;
    try {
      // Interfaces take turns, so that a flood on one leaves the others theirs.
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
    // A frame before may have closed this tap.
    if (this.#taps.get(index) !== tap) return 0;
    const count = this.#addon.ringNext(tap.ring, this.#meta, BATCH);
    for (let at = 0; at < count * RING_ROW && this.#taps.get(index) === tap; at += RING_ROW) {
      const frame = this.#frame;
      frame.bytes = tap.bytes;
      frame.start = this.#meta[at + RING_COLUMN.start]!;
      frame.length = this.#meta[at + RING_COLUMN.length]!;
      frame.from = index;
      frame.vlan = this.#meta[at + RING_COLUMN.vlan]! | 0;
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
