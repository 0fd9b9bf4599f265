import type { NeighbourTable } from "../base/neighbours/table.js";
import type { Outgoing } from "../base/protocol.js";
import { ETHERTYPE_ARP, writeArpRequest } from "../wire/arp.js";
import { EthernetView, ethernet } from "../wire/ethernet.js";
import { ETHERTYPE_IPV6, writeUnicastSolicitation } from "../wire/neighbour-discovery.js";
import { type Segment, towards } from "./segment.js";

const header = new EthernetView();

/** Writes a unicast probe to the host of a row: ARP (RFC 1122 2.3.2.1) or NS (RFC 4861 7.3.3). False: no network of ours has it. */
export function writeProbe(out: Outgoing, segment: Segment, table: NeighbourTable, row: number): boolean {
  const isArp = table.width === 4;
  const target = table.addressAt(row);
  const source = towards(isArp ? segment.ipv4 : segment.ipv6, target);
  if (source === undefined) return false;
  const body = out.start + ethernet.size;
  header.wrap(out.bytes, out.start, ethernet.size);
  header.source = segment.mac;
  header.destination = table.mac(row);
  header.type = isArp ? ETHERTYPE_ARP : ETHERTYPE_IPV6;
  const length = isArp
    ? writeArpRequest(out.bytes, body, { senderMac: segment.mac, sender: source, target })
    : writeUnicastSolicitation(out.bytes, body, { source, sourceMac: segment.mac, target });
  out.length = ethernet.size + length;
  out.to = segment.index;
  return true;
}
