import type { FrameFilter } from "../../core/contract/host.js";
import { ETHERTYPE_VLAN, ethernet, vlanTag } from "../../core/wire/ethernet.js";
import {
  assemble,
  FAIL,
  type Instruction,
  JUMP_AT_LEAST,
  JUMP_EQUAL,
  LOAD_HALF,
  LOAD_OCTET,
  LOAD_WORD,
  RETURN,
  resolved,
  WHOLE,
} from "../classic-bpf.js";

/** 802.3 3.2.6: from here on the field behind the addresses is a type, below a length. */
const LEAST_ETHERTYPE = 0x600;

/** RFC 8200 3, RFC 4443 2.1: offsets in an untagged frame. */
const IPV6 = { type: 0x86dd, nextHeader: 20, icmpv6: 58, message: 54 } as const;

/** Classic BPF, four numbers an instruction, that lets a frame through which passes one of the filters. */
export function compileFilters(filters: readonly FrameFilter[]): Uint32Array {
  return assemble([...filters.flatMap(compile), [RETURN, 0, 0, 0]]);
}

const compile = (filter: FrameFilter): Instruction[] =>
  resolved([...testsOfDestination(filter), ...testsOfType(filter), ...testsOfMessage(filter), [RETURN, 0, 0, WHOLE]]);

function testsOfDestination({ destination }: FrameFilter): Instruction[] {
  if (destination === undefined) return [];
  const { at } = ethernet;
  return [
    [LOAD_WORD, 0, 0, at.destination],
    [JUMP_EQUAL, 0, FAIL, Math.floor(destination / 0x1_0000)],
    [LOAD_HALF, 0, 0, at.destination + 4],
    [JUMP_EQUAL, 0, FAIL, destination % 0x1_0000],
  ];
}

/** Mostly the kernel has taken a tag away; one that is in the frame is stepped over. */
function testsOfType({ type }: FrameFilter): Instruction[] {
  if (type === undefined) return [];
  return [
    [LOAD_HALF, 0, 0, ethernet.at.type],
    [JUMP_EQUAL, 0, 1, ETHERTYPE_VLAN],
    [LOAD_HALF, 0, 0, ethernet.size + vlanTag.at.type],
    type === "802.3" ? [JUMP_AT_LEAST, FAIL, 0, LEAST_ETHERTYPE] : [JUMP_EQUAL, 0, FAIL, type],
  ];
}

function testsOfMessage({ icmpv6 }: FrameFilter): Instruction[] {
  if (icmpv6 === undefined) return [];
  return [
    [LOAD_HALF, 0, 0, ethernet.at.type],
    [JUMP_EQUAL, 0, FAIL, IPV6.type],
    [LOAD_OCTET, 0, 0, IPV6.nextHeader],
    [JUMP_EQUAL, 0, FAIL, IPV6.icmpv6],
    [LOAD_OCTET, 0, 0, IPV6.message],
    [JUMP_EQUAL, 0, FAIL, icmpv6],
  ];
}
