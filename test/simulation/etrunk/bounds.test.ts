import { describe, expect, it } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { Violation } from "../invariants.js";
import { type BoundSettings, Bounds } from "./bounds.js";
import { EtrunkPair } from "./etrunk-pair.js";
import type { Fault } from "./faults.js";
import { strike } from "./strikes.js";

const SETTINGS: BoundSettings = {
  helloInterval: seconds(1),
  failTime: seconds(5),
  sequenceCheck: false,
  detection: undefined,
  ceTime: seconds(8),
  authenticated: false,
};
const POWER_OFF: Fault = { at: 0, lasts: 60_000, kind: "power-off", where: 0 };

/** A pair at rest, and what looks on. */
function watched(settings: Partial<BoundSettings> = {}) {
  const pair = new EtrunkPair(1);
  const bounds = new Bounds(pair, { ...SETTINGS, ...settings });
  pair.world.checkers.push(bounds);
  pair.up().world.run(seconds(25));
  return { pair, bounds };
}

describe("the bounds", () => {
  it("hold when the Master loses its power", () => {
    const { pair, bounds } = watched();
    bounds.begins(POWER_OFF);
    strike(pair, POWER_OFF, []);
    pair.world.run(seconds(30));
    expect(pair.carries("pe2")).toBe(true);
  });

  it("are missed by a takeover that takes longer", () => {
    const { pair, bounds } = watched({ failTime: seconds(2) });
    bounds.begins(POWER_OFF);
    strike(pair, POWER_OFF, []);
    expect(() => pair.world.run(seconds(30))).toThrow(/nobody carries since .* at most 3.05 s/);
  });

  it("are missed where nobody takes over at all", () => {
    const { pair } = watched();
    for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
    pair.pe2.configure({ ...pair.pe2.desired, etrunks: [{ ...pair.pe2.desired.etrunks![0]!, addresses: undefined }] });
    expect(() => pair.world.run(seconds(60))).toThrow(Violation);
  });

  it("are missed by two that carry though nothing is between them", () => {
    const { pair } = watched();
    for (const pe of pair.pes) {
      const arrives = pe.arrives.bind(pe);
      pe.arrives = (call) => (call.kind === "datagram" ? undefined : arrives(call));
    }
    expect(() => pair.world.run(micros(seconds(10) + millis(1)))).toThrow(/two PEs distribute since/);
  });
});
