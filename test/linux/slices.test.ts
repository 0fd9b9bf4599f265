import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Slices } from "../../src/linux/slices.js";

/** Milliseconds of a step: three of them are more than a slice. */
const STEP = 2;

describe("long work in slices", () => {
  let now = 0;
  let slices: Slices;
  const done: string[] = [];

  beforeEach(() => {
    now = 0;
    done.length = 0;
    slices = new Slices();
    vi.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => void vi.restoreAllMocks());

  function* work(name: string, steps: number): Generator<void> {
    for (let n = 1; n <= steps; n++) {
      now += STEP;
      done.push(`${name}${n}`);
      yield;
    }
  }
  const turn = () => new Promise(setImmediate);

  test("begins at once, and gives the event loop its turn after each slice", async () => {
    slices.begin("a", work("a", 7));
    expect(done).toEqual(["a1", "a2", "a3"]);
    await turn();
    expect(done).toHaveLength(6);
    await turn();
    expect(done).toHaveLength(7);
  });

  test("takes the place of what the same owner has not done", async () => {
    slices.begin("a", work("old", 9));
    slices.begin("a", work("new", 2));
    await slices.idle();
    expect(done).toEqual(["old1", "old2", "old3", "new1", "new2"]);
  });

  test("of several owners is one slice a turn together", async () => {
    slices.begin("a", work("a", 5));
    slices.begin("b", work("b", 5));
    expect(done).toEqual(["a1", "a2", "a3", "a4", "a5", "b1"]);
    await turn();
    expect(done).toHaveLength(9);
    await slices.idle();
    expect(done.at(-1)).toBe("b5");
  });

  test("begins with the next turn where nothing of the present one may wait for it", async () => {
    slices.beginSoon("a", work("a", 4));
    expect(done).toEqual([]);
    expect(slices.has("a")).toBe(true);
    await turn();
    expect(done).toEqual(["a1", "a2", "a3"]);
    await slices.idle();
    expect(slices.has("a")).toBe(false);
  });

  test("is idle when all is done, or is ended", async () => {
    await slices.idle();
    slices.begin("a", work("a", 50));
    slices.end("a");
    await slices.idle();
    expect(done).toHaveLength(3);
  });
});
