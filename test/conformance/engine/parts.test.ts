import { beforeEach, describe, expect, it } from "vitest";
import { type Micros, micros, NEVER } from "../../../src/core/base/time.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import { protocols } from "../../../src/core/engine/protocols.js";
import { CHANGES_ALARMS } from "../../../src/core/parts/news.js";
import type { FrameFate, Part } from "../../../src/core/parts/part.js";
import { quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { desired } from "../../support/desired.js";
import { RUN } from "../../support/run.js";

const NOW = micros(1_000_000);

/** What the parts below were called for, in this order. */
let calls: string[] = [];

type BellEvent = { readonly kind: "rang"; readonly times: number } | { readonly kind: "broken" };

/** Has every method, notes each call, and tells the events that it is given. */
class Bell implements Part<BellEvent> {
  readonly #name: string;
  readonly events: BellEvent[] = [];
  /** PDUs that are due. */
  due = 0;
  fate: FrameFate = "foreign";

  constructor(name: string) {
    this.#name = name;
  }

  #note(method: string): void {
    calls.push(`${this.#name} ${method}`);
  }

  prepare = () => this.#note("prepare");
  apply = () => this.#note("apply");
  hostChanged = () => this.#note("hostChanged");
  pause = () => this.#note("pause");
  leave = () => this.#note("leave");
  expire = () => this.#note("expire");
  settle = () => this.#note("settle");
  yield = () => this.#note("yield");
  commit = () => this.#note("commit");
  rest = () => this.#note("rest");
  nextDeadline = (): Micros => NEVER;
  frame = (): FrameFate => {
    this.#note("frame");
    return this.fate;
  };
  datagram = (): boolean => {
    this.#note("datagram");
    return this.fate === "taken";
  };
  nextEvent(): BellEvent | undefined {
    const event = this.events.shift();
    if (event !== undefined) this.#note(event.kind);
    return event;
  }
  send(): boolean {
    if (this.due === 0) return false;
    this.#note(`sends ${this.due}`);
    this.due = 0;
    return true;
  }
}

const bells = () => ({ upper: new Bell("upper"), lower: new Bell("lower"), silent: {} });
let parts: ReturnType<typeof bells>;
let engine: Engine;
let told: EngineEvent[];

beforeEach(() => {
  parts = bells();
  told = [];
  const lists = protocols({
    parts: () => parts,
    influences: {
      rang: ({ times }, { upper }) => {
        upper.due += times;
      },
    },
    news: {
      rang: { event: "bell-rang", text: "bell rang", fields: ({ times }: { readonly times: number }) => ({ times }) },
      broken: CHANGES_ALARMS,
    },
    alarms: [],
  });
  engine = new Engine(quietHost(), (event) => told.push(event), undefined, RUN, lists);
  calls = [];
});

const both = (method: string, first: "upper" | "lower") =>
  first === "upper" ? [`upper ${method}`, `lower ${method}`] : [`lower ${method}`, `upper ${method}`];

describe("the engine drives its parts", () => {
  it("hands a configuration to the lower part first before it is applied, and to the upper one first afterwards", () => {
    engine.take({ kind: "configure", desired: desired("02:00:00:00:0a:00") }, NOW);
    expect(calls).toEqual([...both("prepare", "lower"), ...both("apply", "upper")]);
  });

  it("tells all of them of the host, of the end, and of time", () => {
    engine.take({ kind: "pause" }, NOW);
    engine.take({ kind: "leave" }, NOW);
    engine.expire(NOW);
    expect(calls).toEqual([...both("pause", "lower"), ...both("leave", "lower"), ...both("expire", "upper")]);
  });

  it("follows events to their end before anything is sent, and sends until nothing is due", () => {
    parts.lower.events.push({ kind: "rang", times: 2 });
    parts.lower.due = 1;
    engine.settle(NOW);
    expect(calls).toEqual([
      ...both("settle", "lower"),
      "lower rang",
      ...both("settle", "lower"),
      ...both("yield", "upper"),
      ...both("commit", "lower"),
      "upper sends 2",
      "lower sends 1",
      ...both("settle", "lower"),
      ...both("yield", "upper"),
      ...both("commit", "lower"),
      ...both("rest", "lower"),
    ]);
  });

  it("offers what came in until a part takes it, and counts frames by what became of them", () => {
    const frame = () => ({
      bytes: new DataView(new ArrayBuffer(64)),
      start: 0,
      length: 64,
      from: 1,
      vlan: -1,
      source: 0,
    });
    engine.frameReceived(frame() as Parameters<Engine["frameReceived"]>[0], NOW);
    parts.lower.fate = "stray";
    engine.frameReceived(frame() as Parameters<Engine["frameReceived"]>[0], NOW);
    engine.frameReceived({ ...frame(), length: 13 } as Parameters<Engine["frameReceived"]>[0], NOW);
    parts.lower.fate = "taken";
    engine.frameReceived(frame() as Parameters<Engine["frameReceived"]>[0], NOW);
    expect(calls).toEqual(["lower frame", "upper frame", "lower frame", "lower frame"]);
    expect(engine.ignored).toEqual({ truncated: 1, foreign: 1, stray: 1 });
  });
});

describe("an event of a part", () => {
  const ring = (...events: BellEvent[]) => {
    parts.upper.events.push(...events);
    engine.settle(NOW);
  };

  it("is told with the fields of its row", () => {
    ring({ kind: "rang", times: 3 });
    expect(told).toEqual([{ event: "bell-rang", times: 3 }]);
  });

  it("that only changes alarms is told nobody", () => {
    ring({ kind: "broken" });
    expect(told).toEqual([]);
  });
});
