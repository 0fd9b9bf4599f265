import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BrokenInvariant } from "../../src/core/base/assert.js";
import { type Machine, Running, runToRest, UCT } from "../../src/core/base/machine.js";

type State = "START" | "IDLE" | "BUSY";

interface Subject {
  begin: boolean;
  work: boolean;
  again: boolean;
  entered: State[];
}

const toy: Machine<State, Subject> = {
  clause: "none",
  initial: "START",
  open: [{ when: (s) => s.begin, to: "START" }],
  boxes: {
    START: { enter: (s) => s.entered.push("START"), exits: [{ when: UCT, to: "IDLE" }] },
    IDLE: { enter: (s) => s.entered.push("IDLE"), exits: [{ when: (s) => s.work || s.again, to: "BUSY" }] },
    BUSY: {
      enter: (s) => {
        s.work = false;
        s.entered.push("BUSY");
      },
      exits: [
        { when: (s) => s.work, to: "BUSY" },
        { when: UCT, to: "IDLE" },
      ],
    },
  },
};

const subject = (flags: Partial<Subject> = {}): Subject => ({
  begin: false,
  work: false,
  again: false,
  entered: [],
  ...flags,
});

/** A machine that has begun and now stands in a box. */
function standing(state: State, flags: Partial<Subject> = {}): Running<State, Subject> {
  const running = new Running(toy, subject());
  running.step();
  running.state = state;
  Object.assign(running.subject, { entered: [], ...flags });
  return running;
}

describe("the machine runner", () => {
  test("first of all enters the initial box, whatever the guards say", () => {
    const running = new Running(toy, subject({ begin: true, work: true }));
    expect([running.step(), running.state, running.subject.entered]).toEqual([true, "START", ["START"]]);
    expect(running.step()).toBe(false);
  });

  test("keeps a machine in the target of an open arrow while its guard holds, whatever the box's own exits say", () => {
    const running = standing("BUSY", { begin: true });
    expect(running.step()).toBe(true);
    expect(running.step()).toBe(false);
    expect(running.state).toBe("START");
    running.subject.begin = false;
    runToRest([running]);
    expect(running.state).toBe("IDLE");
    expect(running.subject.entered).toEqual(["START", "IDLE"]);
  });

  test("moves when an arrow leads back into the same box, and enters it again", () => {
    const running = standing("BUSY", { work: true });
    expect(running.step()).toBe(true);
    expect([running.state, running.subject.entered]).toEqual(["BUSY", ["BUSY"]]);
  });

  test("takes the first arrow whose guard holds, and at most one a step", () => {
    const running = standing("START", { work: true });
    expect([running.step(), running.state]).toEqual([true, "IDLE"]);
    expect([running.step(), running.state]).toEqual([true, "BUSY"]);
    expect([running.step(), running.state]).toEqual([true, "IDLE"]);
    expect(running.step()).toBe(false);
  });

  test("steps the machines in the given order, one arrow each a round", () => {
    const order: string[] = [];
    const stepper = (name: string, moves: number) => ({
      step: () => {
        if (moves-- <= 0) return false;
        order.push(name);
        return true;
      },
    });
    runToRest([stepper("receive", 2), stepper("mux", 1)]);
    expect(order).toEqual(["receive", "mux", "receive"]);
  });

  test("asserts a bound: machines that chase each other are a broken invariant, not an endless loop", () => {
    expect(() => runToRest([new Running(toy, subject({ again: true }))])).toThrow(BrokenInvariant);
  });

  test("rests after any flags from any state", () => {
    const states = fc.constantFrom<State>("START", "IDLE", "BUSY");
    fc.assert(
      fc.property(states, fc.boolean(), fc.boolean(), (state, begin, work) => {
        const running = standing(state, { begin, work });
        runToRest([running]);
        expect(running.step()).toBe(false);
        expect(running.state).toBe(begin ? "START" : "IDLE");
      }),
    );
  });
});
