import { expect, test, vi } from "vitest";
import { millis, seconds } from "../../src/core/base/time.js";
import { toHex } from "../support/frames.js";
import { GOOD } from "./cable.js";
import { play } from "./faults.js";
import { Invariants, Violation } from "./invariants.js";
import { Narrator } from "./narrator.js";
import { FAST, Pair } from "./pair.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

/** Everything a run sent, and all that was told, as text. */
function trace(seed: number): string {
  const pair = new Pair(3, FAST, FAST, { seed, lag: millis(3) });
  for (const cable of pair.world.cables) cable.quality = { ...GOOD, loss: 0.3, duplication: 0.2, reordering: 0.2 };
  pair.world.startAll();
  pair.world.run(seconds(60));
  const frames = pair.world.sent.map(({ time, node, device, bytes }) => `${time} ${node} ${device} ${toHex(bytes)}`);
  const events = pair.world.events.map((event) => JSON.stringify(event));
  return [...frames, ...events].join("\n");
}

test("the same seed gives the same run, frame by frame; another seed another", () => {
  expect(trace(1)).toBe(trace(1));
  expect(trace(1)).not.toBe(trace(2));
});

test("a run of faults is the same when it is played again", () => {
  const run = {
    seed: 4711,
    script: [
      { at: 10_000, lasts: 20_000, kind: "lossy", where: 0, end: 0 },
      { at: 20_000, lasts: 4_000, kind: "crash-empty", where: 1, end: 0 },
    ],
  } as const;
  const stories = [1, 2].map(() => {
    let narrator: Narrator | undefined;
    play(run, (world) => {
      narrator = new Narrator(world);
      return narrator;
    });
    return narrator?.lines.join("\n");
  });
  expect(stories[0]?.length).toBeGreaterThan(1_000);
  expect(stories[0]).toBe(stories[1]);
});

test("time jumps: an hour of two fast links takes no more turns than there are PDUs and timers", () => {
  const pair = new Pair(2, FAST, FAST, { keeps: false }).up();
  const before = pair.world.turns;
  pair.world.run(seconds(3_600));
  // Each second each end sends two PDUs in one turn and hears two in at most two.
  expect(pair.world.turns - before).toBeLessThan(3_600 * 2 * 3 + 10);
  expect(pair.carrying()).toEqual([1, 2]);
});

test("frames keep their order on a good cable and lose it on one that reorders", () => {
  const pair = new Pair(1);
  const cable = pair.cable(1);
  const arrivals = () => Array.from({ length: 200 }, (_, n) => cable.arrivals(0, millis(n))[0] ?? 0);
  const inOrder = (times: number[]) => times.every((time, n) => n === 0 || time >= (times[n - 1] ?? 0));
  expect(inOrder(arrivals())).toBe(true);
  cable.quality = { ...GOOD, reordering: 0.3 };
  expect(inOrder(arrivals())).toBe(false);
  cable.quality = { ...GOOD, loss: 0.5, duplication: 0.5 };
  const copies = Array.from({ length: 200 }, () => cable.arrivals(0, millis(1_000)).length);
  expect(new Set(copies)).toEqual(new Set([0, 1, 2]));
});

test("a cable cut one way carries the other way", () => {
  const pair = new Pair(1);
  const cable = pair.cable(1);
  pair.world.mute(cable, 0);
  expect([cable.arrivals(0, millis(1)).length, cable.arrivals(1, millis(1)).length]).toEqual([0, 1]);
  expect(cable.isSound).toBe(false);
  pair.world.mute(cable, 0, false);
  expect(cable.isSound).toBe(true);
});

test("clocks of nodes run apart", () => {
  const { world, pe, ce } = new Pair(1);
  world.run(seconds(1_000));
  expect(pe.localNow).toBe(2_000_000_000);
  expect(ce.localNow).toBe(77_000_000 + 1_000_000_000 + 50_000);
});

test("an invariant that does not hold is found: four LACPDUs in a second, a Violation", () => {
  const pair = new Pair(1).up();
  const checker = new Invariants(pair.world);
  const lacpdu = pair.world.sent[0]?.bytes ?? new Uint8Array();
  const send = () => checker.sent(pair.pe, "eth1", lacpdu);
  send();
  send();
  send();
  expect(send).toThrow(Violation);
});

test("a failed script is shrunk and printed with the line that plays it again", async () => {
  const { runs, replayHint } = await import("./faults.js");
  const hint = replayHint({ seed: 7, script: [{ at: 1, lasts: 2, kind: "cut", where: 0, end: 1 }] });
  expect(hint).toContain('REPLAY seed=7 script=[{"at":1,"lasts":2,"kind":"cut","where":0,"end":1}]');
  expect(hint).toContain("npx vitest run --config .vitest.config.ts test/simulation/faults.test.ts");
  expect(runs).toBeDefined();
});
