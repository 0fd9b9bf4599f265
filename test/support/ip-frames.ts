// Frames with IP in them, built from hexadecimal text by the offsets of the RFCs.

/** One packet of a flow. Hosts are the last numbers of 10.9.0.0/16 and fd09::/64. */
export interface Packet {
  readonly source: number;
  readonly destination: number;
  /** UDP or TCP ports; without them the protocol is ICMP. */
  readonly ports?: readonly [source: number, destination: number];
  readonly protocol?: number;
  /** Octets into the datagram; with `more` the first fragment has 0. */
  readonly fragment?: { readonly offset: number; readonly more: boolean };
  /** IPv6 extension headers before the protocol, by number: 0 hop-by-hop, 43 routing, 60 destination options. */
  readonly extensions?: readonly number[];
  /** 32-bit words of IPv4 options. */
  readonly options?: number;
  /** Tags, the outer one first. */
  readonly vlans?: readonly number[];
  /** Last two octets of the MAC addresses; 1 and 2 unless said. */
  readonly stations?: readonly [source: number, destination: number];
}

const UDP = 17;
const ICMP = 1;
const FRAGMENT = 44;

const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");
const mac = (station: number): string => `0200000a${hex(station, 2)}`;

function link({ vlans = [], stations = [1, 2] }: Packet, type: string): string {
  return mac(stations[1]) + mac(stations[0]) + vlans.map((vlan) => `8100${hex(vlan, 2)}`).join("") + type;
}

const protocolOf = ({ ports, protocol }: Packet): number => protocol ?? (ports ? UDP : ICMP);

/** Eight octets of a UDP header, or of anything else; what follows is padding. */
const transport = ({ ports, fragment }: Packet): string =>
  (ports && !fragment?.offset ? hex(ports[0], 2) + hex(ports[1], 2) : "deadbeef") + "00".repeat(36);

/** RFC 791, 3.1. */
export function ipv4(packet: Packet): string {
  const { source, destination, fragment, options = 0 } = packet;
  const flags = fragment ? (fragment.more ? 0x2000 : 0) | (fragment.offset / 8) : 0;
  const ip =
    hex(0x40 | (5 + options), 1) +
    `00${hex(60 + options * 4, 2)}1234` +
    `${hex(flags, 2)}40${hex(protocolOf(packet), 1)}0000` +
    `0a09${hex(source, 2)}0a09${hex(destination, 2)}` +
    "01010101".repeat(options);
  return link(packet, "0800") + ip + transport(packet);
}

/** RFC 8200, 3 and 4. */
export function ipv6(packet: Packet): string {
  const { source, destination, fragment, extensions = [] } = packet;
  const chain = [...extensions, ...(fragment ? [FRAGMENT] : []), protocolOf(packet)];
  const headers = chain.slice(0, -1).map((number, at) => {
    const next = hex(chain[at + 1] as number, 1);
    if (number !== FRAGMENT) return `${next}00010400000000`;
    return `${next}00${hex((fragment?.offset ?? 0) | (fragment?.more ? 1 : 0), 2)}00001234`;
  });
  const address = (host: number): string => `fd09${"00".repeat(12)}${hex(host, 2)}`;
  const ip = `60000000${hex(40 + headers.length * 8, 2)}${hex(chain[0] as number, 1)}40${address(source)}${address(destination)}`;
  return link(packet, "86dd") + ip + headers.join("") + transport(packet);
}

/** A frame that is not IP. */
export const other = (packet: Packet): string => link(packet, "88b5") + "00".repeat(46);
