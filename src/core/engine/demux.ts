import { NO_MAC, SLOW_PROTOCOLS_GROUP } from "../base/address.js";
import { type Incoming, NO_VLAN } from "../base/protocol.js";
import { ETHERTYPE_SLOW_PROTOCOLS, ETHERTYPE_VLAN, EthernetView, ethernet, vlanTag } from "../wire/ethernet.js";
import { FLUSH_GROUP } from "../wire/flush.js";

const header = new EthernetView();

export type FrameKind = "slow-protocol" | "misaddressed" | "flush" | "foreign" | "truncated";

/**
 * Reads the Ethernet header: tells what a frame holds, sets its source, and moves its start behind the header; of a Flush, to
 * its 802.3 length.
 */
export function demux(frame: Incoming): FrameKind {
  header.wrap(frame.bytes, frame.start, frame.length);
  const isWhole = header.fault() === undefined;
  frame.source = isWhole ? header.source : NO_MAC;
  if (!isWhole) return "truncated";
  const { destination, type } = header;
  if (destination === FLUSH_GROUP) return peelFlush(frame, type);
  if (type !== ETHERTYPE_SLOW_PROTOCOLS) return "foreign";
  frame.start += ethernet.size;
  frame.length -= ethernet.size;
  return destination === SLOW_PROTOCOLS_GROUP ? "slow-protocol" : "misaddressed";
}

/** Mostly the kernel has taken the tag away already. */
function peelFlush(frame: Incoming, type: number): FrameKind {
  let head = ethernet.at.type;
  if (type === ETHERTYPE_VLAN) {
    head += vlanTag.size;
    // A second tag: a customer's Flush in a provider's VLAN, which is not ours to heed.
    if (frame.vlan !== NO_VLAN) return "foreign";
    if (frame.length < head) return "truncated";
    // 802.1Q 6.9: a priority tag puts a frame into no VLAN.
    frame.vlan = frame.bytes.getUint16(frame.start + ethernet.size + vlanTag.at.control) & 0xfff || NO_VLAN;
  }
  frame.start += head;
  frame.length -= head;
  return "flush";
}
