import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { micros, millis, seconds } from "../../src/core/base/time.js";
import { BfdEnds } from "./bfd-ends.js";

const UP = ["Up", "Up"];
const FAST = { minTx: millis(10), minRx: millis(10) };

function up(one = {}, other = one): BfdEnds {
  const world = new BfdEnds(5, one, other);
  world.runUntil(() => `${world.states}` === `${UP}`, seconds(4));
  world.run(seconds(1));
  return world;
}

describe("two ends of a session", () => {
  test.for([
    ["alike", {}, {}],
    ["fast", FAST, FAST],
    ["fast and slow", FAST, { minTx: millis(700), minRx: millis(2_000), multiplier: 5 }],
    ["of multiplier 1", { multiplier: 1, ...FAST }, { multiplier: 1 }],
  ] as const)("B1 %s come up and stay so for a minute", ([, one, other]) => {
    const world = up(one, other);
    world.run(seconds(60));
    for (const end of world.ends) expect(end.session()).toMatchObject({ state: "Up", upCount: 1 });
    const [a, b] = world.ends;
    expect(a.session().actualTx).toBe(b.session().actualRx);
    expect(b.session().actualTx).toBe(a.session().actualRx);
  });

  test("a cut of both directions takes both down within the detection time, heal brings both up", () => {
    const world = up();
    for (const direction of world.wire) direction.cut = true;
    world.run(millis(905));
    expect(world.states).toEqual(["Down", "Down"]);
    for (const direction of world.wire) direction.cut = false;
    world.runUntil(() => `${world.states}` === `${UP}`, seconds(3));
  });

  test.for([0, 1] as const)("a cut of what end %i sends: the other notices, and this one is told why", (end) => {
    const world = up();
    const [deaf, mute] = end === 0 ? [world.ends[1], world.ends[0]] : [world.ends[0], world.ends[1]];
    world.wire[end].cut = true;
    world.run(millis(910));
    expect(deaf.session()).toMatchObject({ state: "Down", diagnostic: "Control Detection Time Expired" });
    expect(mute.session()).toMatchObject({ state: "Down", diagnostic: "Neighbor Signaled Session Down" });
    world.run(seconds(20));
    // The mute end hears the other and waits in Init, never further.
    expect([deaf.state, mute.state]).toEqual(["Down", "Init"]);
    expect(deaf.session().upCount).toBe(1);
    world.wire[end].cut = false;
    world.runUntil(() => `${world.states}` === `${UP}`, seconds(3));
  });

  test("an end that dies and begins anew within the detection time is noticed and comes up again", () => {
    const world = up();
    world.restart(1);
    const [survivor] = world.ends;
    // Each change of state is told at once, so a few times the delay is enough.
    world.run(millis(10));
    expect(survivor.changes().slice(-2)).toEqual(["Up-Down", "Down-Up"]);
    expect(survivor.session()).toMatchObject({
      state: "Up",
      upCount: 2,
      remoteDiscriminator: world.ends[1].session().localDiscriminator,
    });
  });

  test("an end that stands still longer than the detection time is down for its peer, and comes back", () => {
    const world = up();
    world.frozen[0] = true;
    world.run(millis(1_000));
    expect(world.ends[1].state).toBe("Down");
    world.frozen[0] = false;
    world.runUntil(() => `${world.states}` === `${UP}`, seconds(4));
  });

  test("an end that stands still for a while does not take its own pause for the peer's silence", () => {
    const world = up();
    world.frozen[0] = true;
    world.run(millis(600));
    world.frozen[0] = false;
    world.run(seconds(5));
    for (const end of world.ends) expect(end.session()).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("every tenth packet lost takes no session with multiplier 5 down for a minute", () => {
    const world = up({ multiplier: 5 });
    for (const direction of world.wire) direction.loss = 0.1;
    world.run(seconds(60));
    for (const end of world.ends) expect(end.session()).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("a change of both ends at once, polled over a wire that loses half, comes into force on both", () => {
    const world = up({ multiplier: 20 });
    for (const direction of world.wire) direction.loss = 0.5;
    for (const [n, end] of world.ends.entries()) {
      const desired = n === 0 ? { minTx: millis(600), minRx: millis(100) } : { minTx: millis(150), minRx: millis(500) };
      const { localDiscriminator } = end.session();
      const [source, peer] = n === 0 ? ["10.0.0.1", "10.0.0.2"] : ["10.0.0.2", "10.0.0.1"];
      end.configure({ ...desired, multiplier: 20, localDiscriminator: localDiscriminator ?? 0, source, peer });
    }
    world.run(seconds(30));
    expect(world.ends.map((end) => end.session().actualTx)).toEqual([600, 150]);
    expect(world.ends.map((end) => end.session().actualRx)).toEqual([150, 600]);
    expect(world.ends.map((end) => end.session().upCount)).toEqual([1, 1]);
  });
});

const end = fc.constantFrom(0 as const, 1 as const);
const fault = fc.record({
  after: fc.integer({ min: 0, max: 3_000 }),
  act: fc.oneof(
    fc.record({ kind: fc.constant("cut" as const), end }),
    fc.record({ kind: fc.constant("heal" as const), end }),
    fc.record({ kind: fc.constant("loss" as const), end, part: fc.constantFrom(0, 0.05, 0.3, 0.9) }),
    fc.record({
      kind: fc.constant("delay" as const),
      end,
      delay: fc.integer({ min: 0, max: 400 }),
      spread: fc.nat(200),
    }),
    fc.record({ kind: fc.constant("freeze" as const), end }),
    fc.record({ kind: fc.constant("restart" as const), end }),
  ),
});

test("whatever happened, both ends are up seconds after it is over, each knowing the other", () => {
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 12 }), fc.nat(), fc.boolean(), (script, seed, fast) => {
      const world = new BfdEnds(seed, fast ? { minTx: millis(50), minRx: millis(50) } : {});
      for (const { after, act } of script) {
        world.run(millis(after));
        if (act.kind === "cut") world.wire[act.end].cut = true;
        else if (act.kind === "heal") world.wire[act.end].cut = false;
        else if (act.kind === "loss") world.wire[act.end].loss = act.part;
        else if (act.kind === "freeze") world.frozen[act.end] = true;
        else if (act.kind === "restart") world.restart(act.end);
        else Object.assign(world.wire[act.end], { delay: millis(act.delay), spread: millis(act.spread) });
      }
      for (const n of [0, 1] as const) {
        world.frozen[n] = false;
        Object.assign(world.wire[n], { cut: false, loss: 0, delay: micros(500), spread: micros(0) });
      }
      // At the most: a detection time of what was agreed while down, then a handshake at a packet a second.
      world.runUntil(() => `${world.states}` === `${UP}`, seconds(10));
      world.run(seconds(10));
      const [one, other] = world.ends;
      expect(world.states).toEqual(UP);
      expect(one.session().remoteDiscriminator).toBe(other.session().localDiscriminator);
      expect(other.session().remoteDiscriminator).toBe(one.session().localDiscriminator);
    }),
    { numRuns: 60 },
  );
});
