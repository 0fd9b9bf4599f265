import type { FrameFilter } from "../../core/contract/host.js";
import { ETHERTYPE_VLAN, ethernet, vlanTag } from "../../core/wire/ethernet.js";

/** linux/filter.h: loads at an offset of the frame, jumps that compare with what was loaded, the end. */
export const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
export const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
export const RETURN = 0x06;
/** Octets to be kept of a frame that passes: all. */
export const WHOLE = 0x4_0000;

/** 802.3 3.2.6: from here on the field behind the addresses is a type, below a length. */
const LEAST_ETHERTYPE = 0x600;

/** Where a jump leads that the frame fails: behind the instructions of its filter. */
const FAIL = -1;

/** Code, jump when true, jump when false (instructions to skip), operand. */
type Instruction = readonly [code: number, yes: number, no: number, operand: number];

/** Classic BPF, four numbers an instruction, that lets a frame through which passes one of the filters. */
export function compileFilters(filters: readonly FrameFilter[]): Uint32Array {
  return assemble([...filters.flatMap(compile), [RETURN, 0, 0, 0]]);
}

export const assemble = (instructions: readonly Instruction[]): Uint32Array => Uint32Array.from(instructions.flat());

function compile(filter: FrameFilter): Instruction[] {
  const instructions = [...testsOfDestination(filter), ...testsOfType(filter), [RETURN, 0, 0, WHOLE] as const];
  const last = instructions.length - 1;
  const resolved = (jump: number, at: number): number => (jump === FAIL ? last - at : jump);
  return instructions.map(([code, yes, no, operand], at) => [code, resolved(yes, at), resolved(no, at), operand]);
}

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
