import { expect, test, vi } from "vitest";
import { compileShutOut, Shares, ShutOut } from "../../src/linux/capture/shares.js";

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

test("what is left out of an interface, here and in the kernel, is told when its second is over", () => {
  vi.useFakeTimers();
  try {
    const told: unknown[] = [];
    const shutOut = new ShutOut({
      apply: (filter) => told.push(`${filter.length / 4} steps`),
      tally: (index) => () => 1_000 * index,
      excess: (index, frames) => told.push([index, frames]),
    });
    for (const index of [7, 7, 8]) shutOut.add(index);
    expect(told.splice(0)).toEqual(["4 steps", "6 steps"]);
    vi.advanceTimersByTime(1_000);
    expect(told.splice(0)).toEqual(["2 steps", [7, 7_002], [8, 8_001]]);
    shutOut.add(7);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(["4 steps", "2 steps", [7, 7_001]]);
  } finally {
    vi.useRealTimers();
  }
});
