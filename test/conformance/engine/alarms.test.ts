import { beforeEach, describe, expect, it } from "vitest";
import { micros, NEVER, seconds } from "../../../src/core/base/time.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import { protocols } from "../../../src/core/engine/protocols.js";
import type { AlarmKind, Condition } from "../../../src/core/parts/alarm.js";
import { quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { desired } from "../../support/desired.js";
import { RUN } from "../../support/run.js";

const BROKEN: AlarmKind = { id: "0x0eff0001", name: "bellBroken", level: "Minor" };

/** The conditions of the part that the engine drives. */
let conditions: Condition[];
let judged: number;
let engine: Engine;
let told: EngineEvent[];

const broken = (subject: string, parts: Partial<Condition> = {}): Condition => ({
  alarm: BROKEN,
  subject,
  text: `The ${subject} is broken.`,
  ...parts,
});
const alarm = (event: "alarm" | "alarm-cleared", text: string) => ({
  event,
  id: BROKEN.id,
  name: BROKEN.name,
  severity: "Minor",
  text,
});
/** Something changes at a time; returns what is told. */
function turn(at: number, ...now: Condition[]): readonly EngineEvent[] {
  conditions = now;
  engine.take({ kind: "configure", desired: desired("02:00:00:00:0a:00") }, seconds(at));
  return settle(at);
}
function settle(at: number): readonly EngineEvent[] {
  told = [];
  engine.settle(seconds(at));
  return told;
}
const ask = (question: "alarms" | "alarm-history") =>
  engine.ask(question, {}, { now: micros(0), date: (at: number) => `${at / 1_000_000} s` });

beforeEach(() => {
  conditions = [];
  judged = 0;
  const part = {
    *alarms() {
      judged++;
      yield* conditions;
    },
  };
  const lists = protocols({ parts: () => ({ part }), influences: {}, news: {}, alarms: [BROKEN] });
  engine = new Engine(quietHost(), (event) => told.push(event), undefined, RUN, lists);
});

describe("an alarm", () => {
  it("begins when its condition holds, once, and ends when it does not", () => {
    expect(turn(1, broken("bell"))).toEqual([alarm("alarm", "The bell is broken.")]);
    expect(turn(2, broken("bell"))).toEqual([]);
    const { id, name, level } = BROKEN;
    expect(ask("alarms")).toEqual({
      alarms: [{ sequence: 1, id, name, level, since: "1 s", text: "The bell is broken." }],
    });
    expect(turn(3)).toEqual([alarm("alarm-cleared", "The bell is broken.")]);
    expect(ask("alarms")).toEqual({ alarms: [] });
  });

  it("says what is true now, and tells of its end what was true then", () => {
    turn(1, broken("bell"));
    expect(turn(2, broken("bell", { text: "The bell is in two parts." }))).toEqual([]);
    expect(ask("alarms")).toMatchObject({ alarms: [{ since: "1 s", text: "The bell is in two parts." }] });
    expect(turn(3)).toEqual([alarm("alarm-cleared", "The bell is in two parts.")]);
  });

  it("stands once for each subject, and the end of one says nothing of another", () => {
    expect(turn(1, broken("bell"), broken("clock"), broken("bell", { text: "Again." }))).toHaveLength(2);
    expect(turn(2, broken("clock"))).toEqual([alarm("alarm-cleared", "The bell is broken.")]);
    expect(ask("alarms")).toMatchObject({ alarms: [{ sequence: 2, text: "The clock is broken." }] });
  });

  it("that needs time begins when its condition has held so long, without another input", () => {
    const slow = broken("bell", { after: seconds(10) });
    expect(turn(1, slow)).toEqual([]);
    expect(engine.nextDeadline()).toBe(seconds(11));
    expect(turn(5, slow)).toEqual([]);
    expect(engine.nextDeadline()).toBe(seconds(11));
    expect(settle(11)).toEqual([alarm("alarm", "The bell is broken.")]);
    expect(engine.nextDeadline()).toBe(NEVER);
  });

  it("that needs time begins to wait anew when its condition did not hold in between", () => {
    const slow = broken("bell", { after: seconds(10) });
    turn(1, slow);
    expect([turn(5), engine.nextDeadline()]).toEqual([[], NEVER]);
    turn(6, slow);
    expect([settle(11), settle(15)]).toEqual([[], []]);
    expect(settle(16)).toHaveLength(1);
  });

  it("that is over stands in the history, the latest first, the last 512 of them", () => {
    turn(1, broken("bell"), broken("clock"));
    turn(2, broken("clock"));
    turn(3);
    expect(ask("alarm-history")).toMatchObject({
      alarms: [
        { sequence: 2, since: "1 s", cleared: "3 s", text: "The clock is broken." },
        { sequence: 1, since: "1 s", cleared: "2 s", text: "The bell is broken." },
      ],
    });
    for (let at = 4; at < 1_200; at += 2) {
      turn(at, broken("bell"));
      turn(at + 1);
    }
    const { alarms } = ask("alarm-history") as { readonly alarms: readonly { readonly sequence: number }[] };
    expect([alarms.length, alarms[0]?.sequence]).toEqual([512, 600]);
  });
});

describe("alarms are judged", () => {
  it("at the end of a turn in which something changed, and in no other", () => {
    turn(1);
    expect(judged).toBe(1);
    settle(2);
    settle(3);
    expect(judged).toBe(1);
  });

  it.for(["leave", "pause"] as const)("no more after the input %s: a planned stop is no trouble", (kind) => {
    turn(1, broken("bell"));
    engine.take({ kind }, seconds(2));
    conditions = [broken("clock", { after: seconds(1) })];
    expect([settle(2), settle(9), engine.nextDeadline()]).toEqual([[], [], NEVER]);
    expect(ask("alarms")).toMatchObject({ alarms: [{ text: "The bell is broken." }] });
  });
});
