/** linux/filter.h: loads at an offset of the packet, jumps that compare with what was loaded, the end. */
export const LOAD_WORD = 0x20;
export const LOAD_HALF = 0x28;
export const LOAD_OCTET = 0x30;
export const JUMP_EQUAL = 0x15;
export const JUMP_AT_LEAST = 0x35;
export const JUMP_ANY_BIT = 0x45;
export const RETURN = 0x06;
/** Octets to be kept of a packet that passes: all. */
export const WHOLE = 0x4_0000;

/** Offsets from which something else than the packet is loaded (SKF_AD_OFF + SKF_AD_IFINDEX, SKF_AD_RANDOM). */
export const INTERFACE = 0xffff_f008;
export const RANDOM = 0xffff_f038;
/** Added to an offset in the IP header (SKF_NET_OFF). */
export const IP_HEADER = 0xfff0_0000;

/** Where a jump leads that the packet fails: behind the instructions of its test. */
export const FAIL = -1;

/** Code, jump when true, jump when false (instructions to skip), operand. */
export type Instruction = readonly [code: number, yes: number, no: number, operand: number];

/** A test whose jumps to FAIL lead behind it. */
export function resolved(test: readonly Instruction[]): Instruction[] {
  const last = test.length - 1;
  const jump = (to: number, at: number): number => (to === FAIL ? last - at : to);
  return test.map(([code, yes, no, operand], at) => [code, jump(yes, at), jump(no, at), operand]);
}

/** Four numbers an instruction, as the addon takes it. */
export const assemble = (instructions: readonly Instruction[]): Uint32Array => Uint32Array.from(instructions.flat());
