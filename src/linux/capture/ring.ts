import { constants } from "node:os";
import { SLOW_PROTOCOLS_GROUP } from "../../core/base/address.js";
import { type Incoming, type InterfaceIndex, NO_VLAN, type Outgoing } from "../../core/base/protocol.js";
import { ETHERTYPE_SLOW_PROTOCOLS } from "../../core/wire/ethernet.js";
import { RING_COLUMN, RING_ROW, ringAddon } from "../native/ring.js";
import { Refusals } from "../refusals.js";
import { systemError } from "../system-error.js";
import {
  blankFrame,
  type FrameLink,
  type FramePort,
  FrameSender,
  MOST_FRAMES,
  requirePacketSockets,
  type SharedLinkOptions,
  UNKNOWN_VLAN,
} from "./frame-link.js";
import { Shares, ShutOut } from "./shares.js";

/** Octets of a slot: ample for an LACPDU of any version, and nobody reads more of a longer frame. */
const SLOT_SIZE = 512;

/** 8 MiB hold 160 ms of 100,000 frames a second, while JavaScript is busy or another process has the core. */
const SLOTS = 16_384;

/** linux/if_packet.h */
const PACKET_OTHERHOST = 3;

/** Frames described by one call into the addon; their slots go back to the kernel together. */
const BATCH = 64;

/**
 * Frames over one AF_PACKET receive ring for all interfaces. The ring is bound to the EtherType and to no interface, so it
 * hears new and re-made interfaces too and never goes down with one. Throws where a packet socket is refused.
 */
export function openRingLink(options: SharedLinkOptions): FrameLink {
  requirePacketSockets();
  return new RingLink(options);
}

/** Counts slow-protocol frames of an interface until asked; without a socket for that they are not counted. */
function tally(port: InterfaceIndex): () => number {
  const addon = ringAddon();
  const opened = addon.tallyOpen(ETHERTYPE_SLOW_PROTOCOLS, port);
  return () => (typeof opened === "number" ? 0 : addon.tallyClose(opened));
}

class RingLink implements FrameLink {
  readonly #addon = ringAddon();
  readonly #sender = new FrameSender();
  readonly #deliver: (frame: Incoming) => void;
  readonly #ring;
  readonly #meta = new Uint32Array(BATCH * RING_ROW);
  readonly #frame: Incoming;
  readonly #refusals: Refusals<InterfaceIndex>;
  readonly #shares: Shares;
  readonly #shutOut: ShutOut;
  #ports: ReadonlySet<InterfaceIndex> = new Set();
  #received = 0;
  /** Frames beyond the share of their interface. */
  #excess = 0;
  #draining = false;

  readonly counters;

  constructor({ deliver, readable, refused, mostOfOne = Number.POSITIVE_INFINITY, excess }: SharedLinkOptions) {
    this.#deliver = deliver;
    this.#shutOut = new ShutOut({
      apply: (filter) => this.#addon.ringFilter(this.#ring, filter),
      tally,
      excess: (port, frames) => {
        this.#excess += frames;
        excess?.(port, frames);
      },
    });
    this.#shares = new Shares(mostOfOne);
    this.#refusals = new Refusals(refused, String);
    const ring = this.#addon.ringOpen(
      { protocol: ETHERTYPE_SLOW_PROTOCOLS, ifindex: 0, slotSize: SLOT_SIZE, slots: SLOTS },
      readable,
    );
    if (typeof ring === "number") {
      this.#sender.close();
      throw systemError("receive ring", -ring);
    }
    this.#ring = ring;
    this.#frame = blankFrame(new DataView(ring.buffer));
    const link = this;
    this.counters = {
      get received() {
        return link.#received;
      },
      get dropped() {
        return link.#addon.ringDropped(ring) + link.#excess;
      },
      get sendErrors() {
        return link.#sender.errors;
      },
      restarts: 0,
    };
  }

  drain(): number {
    // `deliver` may call `drain`; the batch under way must not go back to the kernel then.
    if (this.#draining) return 0;
    this.#draining = true;
    this.#shares.passTime(performance.now());
    let taken = 0;
    try {
      while (taken < MOST_FRAMES) {
        const count = this.#addon.ringNext(this.#ring, this.#meta, BATCH);
        if (count <= 0) break;
        this.#deliverBatch(count);
        taken += count;
      }
    } finally {
      this.#addon.ringNext(this.#ring, this.#meta, 0);
      this.#draining = false;
    }
    return taken;
  }

  #deliverBatch(count: number): void {
    const meta = this.#meta;
    const frame = this.#frame;
    for (let at = 0; at < count * RING_ROW; at += RING_ROW) {
      const port = meta[at + RING_COLUMN.ifindex]!;
      if (!this.#shares.take(port)) {
        this.#shutOut.add(port);
        continue;
      }
      if (!this.#ports.has(port)) continue;
      frame.start = meta[at + RING_COLUMN.start]!;
      frame.length = meta[at + RING_COLUMN.length]!;
      frame.from = port;
      frame.vlan = meta[at + RING_COLUMN.vlan]! | 0;
      if (meta[at + RING_COLUMN.packetType] === PACKET_OTHERHOST && frame.vlan === NO_VLAN) {
        // To a group it is for us all the same, so it must have borne a tag; else it is for others (promiscuous mode).
        if (frame.bytes.getUint8(frame.start) % 2 === 0) continue;
        frame.vlan = UNKNOWN_VLAN;
      }
      this.#received++;
      this.#deliver(frame);
    }
  }

  send(out: Outgoing): void {
    this.#sender.send(out);
  }

  setPorts(ports: readonly FramePort[]): void {
    const next = new Set(ports.map((port) => port.index));
    for (const index of this.#ports) if (!next.has(index)) this.#leave(index);
    for (const index of next) if (!this.#ports.has(index) || this.#refusals.isRefused(index)) this.#join(index);
    this.#ports = next;
  }

  #join(index: InterfaceIndex): void {
    const result = this.#addon.ringMember(this.#ring, index, SLOW_PROTOCOLS_GROUP, true);
    // An interface that is gone is told as such, and took its membership along.
    const isRefused = result < 0 && result !== -constants.errno.ENODEV;
    this.#refusals.answered(index, isRefused ? systemError("multicast membership", -result).message : undefined);
  }

  #leave(index: InterfaceIndex): void {
    this.#addon.ringMember(this.#ring, index, SLOW_PROTOCOLS_GROUP, false);
    this.#refusals.answered(index, undefined);
  }

  close(): void {
    this.#shutOut.close();
    this.#addon.ringClose(this.#ring);
    this.#sender.close();
  }
}
