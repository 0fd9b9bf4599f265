import { SLOW_PROTOCOLS_GROUP } from "../base/address.js";
import type { Incoming } from "../base/protocol.js";
import { ETHERTYPE_SLOW_PROTOCOLS, EthernetView, ethernet } from "../wire/ethernet.js";

const header = new EthernetView();

export type FrameKind = "slow-protocol" | "misaddressed" | "foreign" | "truncated";

/** Tells what a frame holds and moves its start behind the Ethernet header. */
export function demux(frame: Incoming): FrameKind {
  header.wrap(frame.bytes, frame.start, frame.length);
  if (header.fault() !== undefined) return "truncated";
  if (header.type !== ETHERTYPE_SLOW_PROTOCOLS) return "foreign";
  const { destination } = header;
  frame.source = header.source;
  frame.start += ethernet.size;
  frame.length -= ethernet.size;
  return destination === SLOW_PROTOCOLS_GROUP ? "slow-protocol" : "misaddressed";
}
