import { describe, expect, test } from "vitest";
import { later, type Micros, millis, seconds } from "../../../src/core/base/time.js";
import { BackupPair, type PairMember } from "../../../src/core/ethtrunk/backup-pair.js";

/** Members as a test writes them: `a`, `b` in the order of their adding; `A` is up, `a` down, a star the named master. */
type Members = string;

const membersOf = (text: Members): PairMember[] =>
  text.split(" ").flatMap((word) => {
    const letter = word.replace("*", "");
    if (letter === "") return [];
    return [{ name: letter.toLowerCase(), up: letter !== letter.toLowerCase(), isMaster: word.endsWith("*") }];
  });

type Step = Members | { readonly pass: Micros } | "swap";

interface Given {
  readonly preempt?: Micros;
  readonly steps: readonly Step[];
}

/** Plays the steps; which member works after each, `-` for none. */
function play({ preempt, steps }: Given): string {
  const pair = new BackupPair();
  const settings = { preemptDelay: preempt };
  let now = seconds(1_000);
  let members: PairMember[] = [];
  return steps
    .map((step) => {
      if (step === "swap") pair.swap(members);
      else if (typeof step === "string") members = membersOf(step);
      else {
        const end = later(now, step.pass);
        for (let next = pair.nextDeadline(); next <= end; next = pair.nextDeadline()) {
          now = next;
          pair.decide(members, settings, now);
        }
        now = end;
      }
      pair.decide(members, settings, now);
      return pair.working ?? "-";
    })
    .join(" ");
}

type Row = readonly [fact: string, what: string, given: Given, works: string];

const ROWS: readonly Row[] = [
  ["2.1", "the one that is up works", { steps: ["A b"] }, "a"],
  ["2.1", "the second works while the first is down", { steps: ["a B"] }, "b"],
  ["2.1", "of two that are up the one that was added first works", { steps: ["A B"] }, "a"],
  ["2.1", "of two that are up the named master works", { steps: ["A B*"] }, "b"],
  ["2.1", "a named master that is down does not work", { steps: ["A b*"] }, "a"],
  ["2.1", "the first that was up stays master when the other comes", { steps: ["a B", "A B"] }, "b b"],
  ["2.2", "neither is up, none works", { steps: ["a b"] }, "-"],
  ["2.2", "a trunk without members has none that works", { steps: [""] }, "-"],
  ["2.2", "the working one goes down, the other works", { steps: ["A B", "a B"] }, "a b"],
  ["2.2", "the working one is removed, the other works", { steps: ["A B", "B"] }, "a b"],
  ["2.2", "the working backup goes down, back to the master", { steps: ["A* B", "a* B", "A* B", "A* b"] }, "a b b a"],
  ["2.2", "both go down one after the other", { steps: ["A B", "a B", "a b"] }, "a b -"],
  ["2.2", "both go down together", { steps: ["A B", "a b"] }, "a -"],
  ["2.2", "the backup goes down, nothing moves", { steps: ["A B", "A b", "A B"] }, "a a a"],
  ["2.2", "after both were down the master works, if it is up", { steps: ["A B*", "a b*", "A B*"] }, "b - b"],
  ["2.2", "after both were down the other works, if only it is up", { steps: ["A B*", "a b*", "A b*"] }, "b - a"],
  [
    "2.3",
    "a master that comes back stays inactive",
    { steps: ["A* B", "a* B", "A* B", { pass: seconds(999) }] },
    "a b b b",
  ],
  [
    "2.3",
    "with preemption at once it comes back at once",
    { preempt: millis(0), steps: ["A* B", "a* B", "A* B"] },
    "a b a",
  ],
  [
    "2.3",
    "with a delay it comes back after the delay",
    { preempt: seconds(10), steps: ["A* B", "a* B", "A* B", { pass: seconds(9) }, { pass: seconds(1) }] },
    "a b b b a",
  ],
  [
    "2.3",
    "a master that fails again begins its delay anew",
    {
      preempt: seconds(10),
      steps: ["A* B", "a* B", "A* B", { pass: seconds(9) }, "a* B", "A* B", { pass: seconds(9) }, { pass: seconds(1) }],
    },
    "a b b b b b b a",
  ],
  [
    "2.3",
    "the backup that fails while the delay runs ends it",
    { preempt: seconds(10), steps: ["A* B", "a* B", "A* B", "A* b"] },
    "a b b a",
  ],
  [
    "2.3",
    "preemption holds for a master that nobody named",
    { preempt: seconds(1), steps: ["A B", "a B", "A B", { pass: seconds(1) }] },
    "a b b a",
  ],
  ["2.1", "another master is named, it works", { steps: ["A* B", "A B*"] }, "a b"],
  ["2.1", "another master is named that is down, nothing moves", { steps: ["A* b", "A b*", "A B*"] }, "a a a"],
  ["2.1", "a master is named for the first time, it works", { steps: ["A B", "A B*"] }, "a b"],
  ["2.1", "the working one is named, nothing moves", { steps: ["A B", "A* B"] }, "a a"],
  ["2.1", "no master is named any more, nothing moves", { steps: ["A B*", "A B"] }, "b b"],
  ["2.1", "protect-switch moves to the other, and back", { steps: ["A B", "swap", "swap"] }, "a b a"],
  ["2.1", "protect-switch to one that is down does nothing", { steps: ["A b", "swap"] }, "a a"],
  ["2.1", "protect-switch of one member does nothing", { steps: ["A", "swap"] }, "a a"],
  ["2.1", "protect-switch with nobody up does nothing", { steps: ["a b", "swap"] }, "- -"],
  [
    "2.3",
    "after protect-switch preemption does not undo it",
    { preempt: seconds(1), steps: ["A* B", "swap", { pass: seconds(100) }] },
    "a b b",
  ],
  [
    "2.3",
    "after protect-switch a master that failed and came back preempts",
    { preempt: seconds(1), steps: ["A* B", "swap", "a* B", "A* B", { pass: seconds(1) }] },
    "a b b b a",
  ],
];

test.for(ROWS)("behaviour.md %s: %s", ([, , given, works]) => {
  expect(play(given)).toBe(works);
});

describe("reasons", () => {
  const settings = { preemptDelay: millis(0) };
  const now = seconds(5);
  const lastMove = (...steps: Members[]) => {
    const pair = new BackupPair();
    return steps.map((step) => pair.decide(membersOf(step), settings, now)).at(-1);
  };

  test.for([
    ["a port came up", ["A b"], { from: undefined, to: "a" }],
    ["the working port went down", ["A B", "a B"], { from: "a", to: "b" }],
    ["the working port went down", ["A b", "a b"], { from: "a", to: undefined }],
    ["the working port was removed", ["A B", "B"], { from: "a", to: "b" }],
    ["preemption", ["A* B", "a* B", "A* B"], { from: "b", to: "a" }],
    ["another port was made master", ["A* B", "A B*"], { from: "a", to: "b" }],
  ] as const)("%s", ([reason, steps, move]) => {
    expect(lastMove(...steps)).toEqual({ ...move, reason });
  });

  test("nothing is told when nothing moves", () => expect(lastMove("A B", "A b")).toBeUndefined());

  test("a refused protect-switch names what is wrong", () => {
    const pair = new BackupPair();
    pair.decide(membersOf("A b"), settings, now);
    expect(pair.swap(membersOf("A b"))).toBe("b is down.");
    expect(pair.swap(membersOf("A"))).toBe("The Eth-Trunk has no other member interface.");
    expect(pair.swap(membersOf("A B"))).toEqual({ from: "a", to: "b", reason: "protect-switch" });
  });
});

describe("the master", () => {
  const masterAfter = (...steps: Members[]) => {
    const pair = new BackupPair();
    for (const step of steps) pair.decide(membersOf(step), { preemptDelay: undefined }, seconds(5));
    return pair.masterOf(membersOf(steps.at(-1) ?? ""));
  };

  test("is the named one", () => expect(masterAfter("A B*")).toBe("b"));
  test("else the one that was first up", () => expect(masterAfter("a B", "A B")).toBe("b"));
  test("else the one that was added first", () => expect(masterAfter("a b")).toBe("a"));
  test("is another one when it is removed", () => expect(masterAfter("A B", "B c")).toBe("b"));
});

test("a restart goes on with the member that worked, whoever is master", () => {
  const pair = new BackupPair();
  pair.restore("b", "a");
  expect(pair.decide(membersOf("A* B"), { preemptDelay: undefined }, seconds(5))).toBeUndefined();
  expect(pair.working).toBe("b");
  pair.decide(membersOf("A* b"), { preemptDelay: undefined }, seconds(5));
  expect(pair.working).toBe("a");
});
