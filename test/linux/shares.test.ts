import { expect, test } from "vitest";
import { compileShutOut, Shares } from "../../src/linux/capture/shares.js";

test("an interface has its share of each second, whatever the others take", () => {
  const shares = new Shares(3);
  const taken = (index: number): number => [1, 2, 3, 4, 5].filter(() => shares.take(index)).length;
  shares.passTime(10_000);
  expect([taken(7), taken(8), taken(7)]).toEqual([3, 3, 0]);
  shares.passTime(10_999);
  expect(taken(7)).toBe(0);
  shares.passTime(11_000);
  expect([taken(7), taken(8)]).toEqual([3, 3]);
});

test("the filter drops frames of the interfaces that are shut out, and no others", () => {
  // ld #ifidx; jeq 7; ret 0; jeq 12; ret 0; ret 0x40000
  const program = [
    [0x20, 0, 0, 0xffff_f008],
    [0x15, 0, 1, 7],
    [0x06, 0, 0, 0],
    [0x15, 0, 1, 12],
    [0x06, 0, 0, 0],
    [0x06, 0, 0, 0x4_0000],
  ];
  expect([...compileShutOut([7, 12])]).toEqual(program.flat());
  expect([...compileShutOut([])]).toEqual([...(program[0] ?? []), ...(program[5] ?? [])]);
});
