import { describe, expect, test } from "vitest";
import { later, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { Checkpoint } from "../../../src/core/device/checkpoint.js";
import { MUX_STATES } from "../../../src/core/lacp/mux-machine.js";
import type { SavedPort } from "../../../src/core/lacp/saved-port.js";
import { macOf, type TrunkParts } from "../../support/desired.js";
import { readLacpdu } from "../../support/frames.js";
import { bringUp, Partner, Station } from "./station.js";

const MEMBERS = { eth1: {}, eth2: {} };
const FAST: TrunkParts = { members: MEMBERS, lacp: { fast: true } };
const SLOW: TrunkParts = { members: MEMBERS };

const saved = (station: Station): Checkpoint => JSON.parse(JSON.stringify(station.engine.checkpoint())) as Checkpoint;

/** A trunk that carries on all members, and what its process saves. */
function carried(trunk: TrunkParts) {
  const station = new Station(trunk);
  bringUp(station);
  expect(station.trunk().upPorts).toBe(Object.keys(trunk.members).length);
  const links = { eth1: station.linkOf("eth1"), eth2: station.linkOf("eth2") };
  return { restored: saved(station), now: station.now, links };
}

/** The checkpoint with other fields in what each port saved. */
const changed = (restored: Checkpoint, parts: Partial<SavedPort>): Checkpoint => ({
  ports: restored.ports.map((port) => ({ ...port, saved: port.saved && { ...port.saved, ...parts } })),
});

const states = (station: Station): (string | null)[] => station.trunk().ports.map(({ portState }) => portState);
const reasons = (station: Station): string[] =>
  station.events.flatMap((event) => (event.event === "port-unresumed" ? [`${event.port}: ${event.reason}`] : []));
/** The state in the first LACPDU of each port. */
const firstTold = (station: Station): (string | undefined)[] =>
  ["eth1", "eth2"].map((name) => {
    const first = station.log.find(({ port }) => port === name);
    return first && readLacpdu(first.bytes)?.actor.state;
  });

describe("a port of the checkpoint", () => {
  test("goes on where it was: its partner hears no other state", () => {
    const station = new Station(FAST, carried(FAST));
    expect(states(station)).toEqual(["11111100", "11111100"]);
    expect(station.trunk().operState).toBe("up");
    expect(reasons(station)).toEqual([]);
  });

  test.each([
    ["fast", FAST, seconds(3)],
    ["slow", SLOW, seconds(90)],
  ] as const)(
    "counts its timeout from the last LACPDU, with %s timers, however often the process begins",
    (_, trunk, timeout) => {
      let { restored, now } = carried(trunk);
      const heard = restored.ports[0]?.saved?.heardAt ?? micros(0);
      for (let start = 1; start <= 8; start++) {
        const station = new Station(trunk, { restored, now });
        station.pass(micros(timeout / 10));
        restored = saved(station);
        now = station.now;
        expect(station.trunk().operState).toBe("up");
      }
      const last = new Station(trunk, { restored, now });
      // A process listens for 1.5 s at least.
      const end = Math.max(later(heard, timeout), last.now + 1_500_000);
      last.pass(micros(end - last.now - 1));
      expect(last.trunk().operState).toBe("up");
      last.pass(micros(1));
      expect(last.trunk().ports.map(({ receiveState }) => receiveState)).toEqual(["EXPIRED", "EXPIRED"]);
      expect(last.trunk().operState).toBe("down");
    },
  );

  test("begins anew where its partner has been silent for its timeout", () => {
    const { restored, now } = carried(FAST);
    const station = new Station(FAST, { restored, now: later(now, seconds(4.5)) });
    expect(states(station)).toEqual(["11100011", "11100011"]);
    expect(reasons(station)).toEqual(
      ["eth1", "eth2"].map((name) => `${name}: its partner has been silent for too long`),
    );
  });

  test("begins anew where its partner was heard in the future", () => {
    const { restored, now } = carried(FAST);
    const station = new Station(FAST, { restored: changed(restored, { heardAt: later(now, millis(1)) }), now });
    expect(station.trunk().operState).toBe("down");
    expect(reasons(station)[0]).toBe("eth1: its partner was heard in the future");
  });

  test("begins anew on another interface, which the kernel gives another index", () => {
    const link = { index: 50_301 };
    const station = new Station(FAST, { ...carried(FAST), links: { eth1: link } });
    expect(states(station)).toEqual(["11100011", "11111100"]);
    expect(station.port("eth1").partner).toBeNull();
    expect(reasons(station)).toEqual(["eth1: another interface is under it"]);
  });

  test("begins anew without a link", () => {
    const station = new Station(FAST, { ...carried(FAST), links: { eth2: { carrier: false } } });
    expect(station.port("eth2")).toMatchObject({ distributing: false, receiveState: "PORT_DISABLED" });
    expect(reasons(station)).toEqual(["eth2: its link is down"]);
  });

  test.each<[string, TrunkParts]>([
    ["system ID", { ...FAST, lacp: { fast: true, systemId: macOf("0200-0000-0a01") } }],
    ["system priority", { ...FAST, lacp: { fast: true, systemPriority: 100 } }],
    ["key", { ...FAST, lacp: { fast: true, portKey: 99 } }],
    ["port number", { ...FAST, lacp: { fast: true, portIdExtension: true } }],
  ])("with another %s knows its partner, and is negotiated anew", (_, trunk) => {
    const station = new Station(trunk, carried(FAST));
    expect(firstTold(station)).toEqual(["11100000", "11100000"]);
    expect(station.trunk().ports.map(({ receiveState }) => receiveState)).toEqual(["CURRENT", "CURRENT"]);
    expect(reasons(station)).toHaveLength(2);
    for (const name of ["eth1", "eth2"]) new Partner(station, name).say("11111100");
    station.pass(seconds(2));
    expect(states(station)).toEqual(["11111100", "11111100"]);
  });

  test("with another port priority only tells it", () => {
    const trunk = { ...FAST, members: { eth1: { priority: 5 }, eth2: {} } };
    expect(firstTold(new Station(trunk, carried(FAST)))).toEqual(["11111100", "11111100"]);
  });

  test.each([
    [false, "DISTRIBUTING"],
    [true, "COLLECTING_DISTRIBUTING"],
  ] as const)("goes on in the other mux machine (independent control was %s)", (was, box) => {
    const trunk = (independentControl: boolean): TrunkParts => ({ ...FAST, lacp: { fast: true, independentControl } });
    const station = new Station(trunk(!was), carried(trunk(was)));
    expect(station.trunk().ports.map(({ muxState }) => muxState)).toEqual([box, box]);
    expect(states(station)).toEqual(["11111100", "11111100"]);
  });

  test("that timed out stays in DEFAULTED, and hears its partner at once", () => {
    const old = new Station(FAST);
    old.pass(seconds(4));
    const station = new Station(FAST, { restored: saved(old), now: old.now });
    expect(station.port("eth1")).toMatchObject({ receiveState: "DEFAULTED", portState: "11100010", partner: null });
    new Partner(station, "eth1").say("11100000");
    expect(station.port("eth1").receiveState).toBe("CURRENT");
  });

  test.each<[string, readonly TrunkParts[]]>([
    ["another trunk", [{ members: { eth2: {} } }, { id: 2, members: { eth1: {} } }]],
    ["a trunk without LACP", [{ members: { eth2: {} } }, { id: 2, mode: "manual", members: { eth1: {} } }]],
    ["no trunk", [{ members: { eth2: {} } }]],
  ])("of an interface that is now in %s is dropped and told", (_, [first, ...more]) => {
    const station = new Station(first as TrunkParts, { ...carried(SLOW), more });
    expect(states(station)).toEqual(["10111100"]);
    expect(reasons(station)).toEqual(["eth1: it is no longer a member with LACP"]);
  });

  test("may name any box and any selection: what is told is possible, whatever it names", () => {
    const selections = ["SELECTED", "STANDBY", "UNSELECTED"] as const;
    for (const independentControl of [false, true])
      for (const muxState of MUX_STATES)
        for (const selected of selections)
          for (const state of [0x05, 0x0d, 0x1d, 0x3d]) {
            const { restored, now } = carried(SLOW);
            const partner = restored.ports[0]?.saved?.partner;
            if (partner === undefined) throw new Error("no partner was saved");
            const given = changed(restored, { muxState, selected, partner: { ...partner, state } });
            const station = new Station({ ...SLOW, lacp: { independentControl } }, { restored: given, now });
            for (const { portState, collecting } of station.trunk().ports) {
              const isSync = portState?.[3] === "1";
              expect([portState?.[4] === "1", portState?.slice(4)]).toEqual([
                collecting,
                expect.stringMatching(isSync ? /00$/ : /^0000$/),
              ]);
            }
          }
  });
});
