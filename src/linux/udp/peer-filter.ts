import type { ExpectedSender } from "../../core/contract/host.js";
import {
  assemble,
  FAIL,
  type Instruction,
  IP_HEADER,
  JUMP_ANY_BIT,
  JUMP_AT_LEAST,
  JUMP_EQUAL,
  LOAD_OCTET,
  LOAD_WORD,
  RANDOM,
  RETURN,
  resolved,
  WHOLE,
} from "../classic-bpf.js";

/** Offsets in the IP header: RFC 791 3.1, RFC 8200 3. */
const IPV4 = { ttl: 8, source: 12 };
const IPV6 = { ttl: 7, source: 8 };
/** A filter of a UDP socket sees the packet from the UDP header on. */
const UDP_HEADER = 8;

/** A peer has two tests of at most 15 instructions, and net.core.optmem_max bounds the whole. */
export const MOST_PEERS = 32;

/**
 * Classic BPF for a socket that is flooded. A datagram passes that has source, TTL and known octets of a peer; with source and TTL
 * of a peer one of 2^halvings passes; of anybody else none. At most MOST_PEERS.
 */
export function compilePeerFilter(peers: readonly ExpectedSender[], halvings: number): Uint32Array {
  const known = peers.flatMap((peer) => (peer.known === undefined ? [] : pass(peer, knownOctets(peer.known))));
  const likely = peers.flatMap((peer) => pass(peer, halvings === 0 ? [] : oneOf(halvings)));
  return assemble([...known, ...likely, [RETURN, 0, 0, 0]]);
}

const pass = (peer: ExpectedSender, tests: readonly Instruction[]): Instruction[] =>
  resolved([...origin(peer), ...tests, [RETURN, 0, 0, WHOLE]]);

function origin({ address, leastTtl }: ExpectedSender): Instruction[] {
  const at = address.isIpv4 ? IPV4 : IPV6;
  const octets = address.isIpv4 ? address.octets.subarray(12) : address.octets;
  return [
    ...equal(IP_HEADER + at.source, octets),
    [LOAD_OCTET, 0, 0, IP_HEADER + at.ttl],
    [JUMP_AT_LEAST, 0, FAIL, leastTtl],
  ];
}

const knownOctets = ({ offset, octets }: NonNullable<ExpectedSender["known"]>): Instruction[] =>
  equal(UDP_HEADER + offset, octets);

const oneOf = (halvings: number): Instruction[] => [
  [LOAD_WORD, 0, 0, RANDOM],
  [JUMP_ANY_BIT, FAIL, 0, 2 ** halvings - 1],
];

/** Whole words are compared. */
function equal(offset: number, octets: Uint8Array): Instruction[] {
  const words = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Array.from({ length: octets.length / 4 }, (_, n): Instruction[] => [
    [LOAD_WORD, 0, 0, offset + 4 * n],
    [JUMP_EQUAL, 0, FAIL, words.getUint32(4 * n)],
  ]).flat();
}
