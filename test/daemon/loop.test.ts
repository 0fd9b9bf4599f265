import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Micros, millis, NEVER } from "../../src/core/base/time.js";
import { Loop, type LoopOptions } from "../../src/daemon/loop.js";

/** A loop on a clock that only moves with vitest's timers, and what it did, in order. */
class Rig {
  readonly done: string[] = [];
  clock = millis(1_000);
  deadline: Micros = NEVER;
  /** Batches that wait, and how long taking one lasts. */
  waiting: number[] = [];
  cost = 0;
  readonly broken = vi.fn();
  readonly loop: Loop;

  constructor(options: Partial<LoopOptions> = {}) {
    this.loop = new Loop({
      now: () => this.clock,
      sources: [
        { drain: () => this.#note("links", 0) },
        {
          drain: () => {
            this.clock = (this.clock + this.cost) as Micros;
            return this.#note("frames", this.waiting.shift() ?? 0);
          },
        },
      ],
      timed: [
        {
          nextDeadline: () => this.deadline,
          expire: () => {
            this.deadline = NEVER;
            this.#note("expire", 0);
          },
        },
      ],
      late: (by) => void this.done.push(`late by ${by / 1_000} ms`),
      settle: () => void this.#note("settle", 0),
      broken: this.broken,
      ...options,
    });
  }

  #note(what: string, count: number): number {
    this.done.push(what);
    return count;
  }

  /** Lets time pass, and the timers with it. */
  pass(milliseconds: number): void {
    for (let at = 0; at < milliseconds; at++) {
      this.clock = (this.clock + 1_000) as Micros;
      vi.advanceTimersByTime(1);
    }
  }
}

describe("the loop", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("takes links, then frames, then what is due, then settles", () => {
    const rig = new Rig();
    rig.deadline = rig.clock;
    rig.waiting = [3];
    rig.loop.turn();
    expect(rig.done).toEqual(["links", "frames", "links", "frames", "expire", "settle"]);
  });

  test("wakes for the next deadline and for none before", () => {
    const rig = new Rig();
    rig.deadline = (rig.clock + 30_000) as Micros;
    rig.loop.turn();
    rig.done.length = 0;
    rig.pass(29);
    expect(rig.done).toEqual([]);
    rig.pass(1);
    expect(rig.done).toContain("expire");
  });

  test("wakes earlier when a later turn finds an earlier deadline", () => {
    const rig = new Rig();
    rig.deadline = (rig.clock + 500_000) as Micros;
    rig.loop.turn();
    rig.deadline = (rig.clock + 5_000) as Micros;
    rig.loop.turn();
    rig.pass(5);
    expect(rig.done).toContain("expire");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("lets no deadline pass judgement before the frames of a pause of ours are heard", () => {
    const rig = new Rig();
    rig.deadline = rig.clock;
    rig.waiting = [1_000, 1_000, 1_000];
    // Each batch takes longer than one turn may.
    rig.cost = 6_000;
    rig.loop.turn();
    expect(rig.done).toEqual(["links", "frames", "settle"]);
    rig.pass(5);
    const batches = rig.done.flatMap((what, at) => (what === "frames" ? [at] : []));
    expect(rig.done.indexOf("expire")).toBeGreaterThan(batches[2] ?? Number.POSITIVE_INFINITY);
    expect(rig.done.filter((what) => what === "expire")).toHaveLength(1);
  });

  test("does what is due in the end, however many frames come", () => {
    const rig = new Rig();
    rig.deadline = rig.clock;
    rig.waiting = Array.from({ length: 1_000 }, () => 64);
    rig.cost = 6_000;
    rig.loop.turn();
    rig.pass(50);
    expect(rig.waiting.length).toBeGreaterThan(0);
    expect(rig.done).toContain("expire");
  });

  test("measures how late a deadline was met", () => {
    const rig = new Rig();
    rig.deadline = (rig.clock + 5_000) as Micros;
    rig.loop.turn();
    // The process stands still for 12 ms.
    rig.clock = (rig.clock + 12_000) as Micros;
    rig.pass(5);
    expect(rig.loop.lateness.count).toBe(1);
    expect(rig.loop.lateness.max).toBeGreaterThanOrEqual(12_000);
    expect(rig.loop.lateness.max).toBeLessThan(13_000);
  });

  test("sees how late a deadline is met for work of its own turn", () => {
    const rig: Rig = new Rig({
      settle: () => {
        // The turn takes 300 ms, and a deadline that it sets is over before it ends.
        if (rig.deadline === NEVER) rig.deadline = (rig.clock + 10_000) as Micros;
        rig.clock = (rig.clock + 300_000) as Micros;
      },
    });
    rig.loop.turn();
    rig.pass(1);
    expect(rig.loop.lateness.max).toBeGreaterThanOrEqual(290_000);
  });

  test("tells of three seconds that were lost, before the inputs that waited meanwhile", () => {
    const rig = new Rig();
    for (const lost of [2_999_000, 3_000_000]) {
      rig.deadline = (rig.clock + 5_000) as Micros;
      rig.loop.turn();
      rig.done.length = 0;
      rig.clock = (rig.deadline + lost) as Micros;
      rig.loop.turn();
      expect(rig.done[0]).toBe(lost < 3_000_000 ? "links" : "late by 3000 ms");
    }
  });

  test("is not late for what an input makes due since long ago", () => {
    const rig = new Rig();
    rig.deadline = Number.NEGATIVE_INFINITY as Micros;
    rig.loop.turn();
    expect(rig.done).toContain("expire");
    rig.deadline = (rig.clock - 800_000) as Micros;
    rig.loop.turn();
    expect(rig.loop.lateness.count).toBe(0);
  });

  test("hands a broken invariant over once and takes no further turn", () => {
    const rig = new Rig({
      settle: () => {
        throw new Error("broken");
      },
    });
    rig.loop.turn();
    rig.loop.turn();
    expect(rig.broken).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("hands over an invariant that a request breaks, and tells who asked", () => {
    const rig = new Rig();
    const request = (): never => {
      throw new Error("broken");
    };
    expect(() => rig.loop.apply(request)).toThrow("broken");
    expect(rig.broken).toHaveBeenCalledTimes(1);
  });

  test("has no timer after it is stopped", () => {
    const rig = new Rig();
    rig.deadline = (rig.clock + 30_000) as Micros;
    rig.loop.turn();
    rig.loop.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
