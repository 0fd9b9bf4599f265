/**
 * The process that holds `cap`, one handle for each interface, for pcap.ts. It has to be a process: cap 0.2.1 aborts
 * when an interface goes down, and its other defects shape this file:
 * - a handle that was closed, or failed to open, must neither be used again nor be collected, so all are kept for good;
 * - its Buffer must outlive it, so there is one for all, never freed (it is read before the next frame is written to it).
 * Frames leave through a channel that the parent can read at any time; when it is full they are dropped and counted.
 */
import type { EventEmitter } from "node:events";
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { NO_VLAN } from "../../core/base/protocol.js";
import type { LinkState } from "../../core/contract/host.js";
import { ETHERTYPE_SLOW_PROTOCOLS } from "../../core/wire/ethernet.js";
import { openLinkWatch } from "../link-watch.js";
import { Refusals } from "../refusals.js";
import {
  CHANNEL_DESCRIPTOR,
  type ExcessMessage,
  LONGEST_FRAME,
  MESSAGE_DROPPED,
  MESSAGE_HEADER,
  MESSAGE_PORT,
  MESSAGE_VLAN,
  type PortsMessage,
  type RefusedMessage,
} from "./pcap-message.js";
import { Shares } from "./shares.js";

interface Capture extends EventEmitter {
  open(device: string, filter: string, ringSize: number, buffer: Buffer): string;
  close(): void;
}

const { Cap } = createRequire(import.meta.url)("cap") as { Cap: new () => Capture };

const FILTER = `ether proto 0x${ETHERTYPE_SLOW_PROTOCOLS.toString(16)}`;

/** 32 slots where the interface has GSO on. They only bridge the time until this process runs. */
const RING_SIZE = 2 * 1024 * 1024;

const RETRY_MILLISECONDS = 1_000;
/** The parent is told at most so often. */
const EXCESS_MILLISECONDS = 1_000;

/** So many dead handles are kept before this process is given up for a fresh one. */
const MOST_RETIRED = 256;

const TPID_8021Q = 0x8100;
const TAG = 4;

/** Octets before the frame: room for the header, and for the MAC addresses to move over a tag that is taken out. */
const HEADROOM = MESSAGE_HEADER + TAG;
const buffer = Buffer.alloc(HEADROOM + LONGEST_FRAME);
const frame = buffer.subarray(HEADROOM);

const captures = new Map<number, Capture>();
const refusals = new Refusals<number>(
  (index, text) => process.send?.({ index, text } satisfies RefusedMessage),
  String,
);
const retired: Capture[] = [];
let wanted: ReadonlySet<number> = new Set();
let dropped = 0;
let shares: Shares | undefined;
/** Frames of each interface beyond its share that the parent was not told of yet. */
const excess = new Map<number, number>();

function forward(port: number, length: number): void {
  shares?.passTime(performance.now());
  if (shares?.take(port) === false) {
    countDrop();
    countExcess(port);
    return;
  }
  let start = HEADROOM;
  let vlan = NO_VLAN;
  // The kernel takes the tag out and libpcap puts it back; the ring leaves it out, so do we.
  if (length >= 18 && frame.readUInt16BE(12) === TPID_8021Q) {
    // 802.1Q 6.9: a priority tag (ID 0) puts the frame into no VLAN.
    vlan = frame.readUInt16BE(14) % 4096 || NO_VLAN;
    buffer.copyWithin(start + TAG, start, start + 12);
    start += TAG;
  }
  start -= MESSAGE_HEADER;
  buffer.writeUInt32BE(port, start + MESSAGE_PORT);
  buffer.writeInt32BE(vlan, start + MESSAGE_VLAN);
  buffer.writeUInt32BE(dropped, start + MESSAGE_DROPPED);
  try {
    writeSync(CHANNEL_DESCRIPTOR, buffer, start, HEADROOM + length - start);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.exit(1);
    countDrop();
  }
}

function countDrop(): void {
  dropped = (dropped + 1) >>> 0;
}

function countExcess(port: number): void {
  if (excess.size === 0) setTimeout(tellExcess, EXCESS_MILLISECONDS);
  excess.set(port, (excess.get(port) ?? 0) + 1);
}

function tellExcess(): void {
  for (const [index, frames] of excess) process.send?.({ index, excess: frames } satisfies ExcessMessage);
  excess.clear();
}

function open(link: LinkState): void {
  const capture = new Cap();
  try {
    const type = capture.open(link.name, FILTER, RING_SIZE, frame);
    if (type !== "ETHERNET") throw new Error(`${link.name} is no Ethernet interface`);
    capture.on("packet", (length: number) => forward(link.index, length));
    captures.set(link.index, capture);
    refusals.answered(link.index, undefined);
  } catch (error) {
    // It went down meanwhile (another link report follows), or the system is short of something.
    refusals.answered(link.index, (error as Error).message);
    retire(capture);
    setTimeout(follow, RETRY_MILLISECONDS).unref();
  }
}

function retire(capture: Capture): void {
  retired.push(capture);
  if (retired.length > MOST_RETIRED) process.exit(1);
}

/** Opens and closes what the wanted ports and the links ask for. */
function follow(): void {
  const up = new Map(watch.all().flatMap((link) => (link.up && wanted.has(link.index) ? [[link.index, link]] : [])));
  for (const [index, capture] of captures) {
    if (up.has(index)) continue;
    captures.delete(index);
    capture.close();
    retire(capture);
  }
  for (const index of refusals.subjects()) if (!up.has(index)) refusals.answered(index, undefined);
  for (const [index, link] of up) if (!captures.has(index)) open(link);
}

const watch = openLinkWatch({ changed: () => {}, readable: () => watch.drain() > 0 && follow() });

process.on("message", ({ ports, mostOfOne }: PortsMessage) => {
  wanted = new Set(ports);
  if (mostOfOne !== undefined) shares ??= new Shares(mostOfOne);
  follow();
});
// The parent is gone. Ctrl-C reaches the whole process group, but it is the parent that decides.
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
