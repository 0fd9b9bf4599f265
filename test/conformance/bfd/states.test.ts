import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import { onReceivedState } from "../../../src/core/bfd/state-table.js";
import { SESSION_STATES } from "../../../src/core/wire/bfd-names.js";
import type { State } from "../../support/bfd-packets.js";
import { MULTIHOP, Peer, Station } from "./station.js";

/** RFC 5880 6.8.6: our state, the received one, what ours becomes, and the diagnostic where it falls. */
const CELLS: readonly (readonly [ours: State, received: State, becomes: State, diagnostic?: string])[] = [
  ["AdminDown", "AdminDown", "AdminDown"],
  ["AdminDown", "Down", "AdminDown"],
  ["AdminDown", "Init", "AdminDown"],
  ["AdminDown", "Up", "AdminDown"],
  ["Down", "AdminDown", "Down"],
  ["Down", "Down", "Init"],
  ["Down", "Init", "Up"],
  ["Down", "Up", "Down"],
  ["Init", "AdminDown", "Down", "Neighbor Signaled Session Down"],
  ["Init", "Down", "Init"],
  ["Init", "Init", "Up"],
  ["Init", "Up", "Up"],
  ["Up", "AdminDown", "Down", "Neighbor Signaled Session Down"],
  ["Up", "Down", "Down", "Neighbor Signaled Session Down"],
  ["Up", "Init", "Up"],
  ["Up", "Up", "Up"],
];

/** A session in a state, and its peer. */
function inState(state: State): [Station, Peer] {
  const station = new Station([{ ...MULTIHOP, shutdown: state === "AdminDown" }]);
  const peer = new Peer(station);
  if (state === "Init" || state === "Up") peer.say({ state: "Down" });
  if (state === "Up") peer.say({ state: "Init" });
  station.taken();
  expect(station.state).toBe(state);
  return [station, peer];
}

test("every cell of the table has a row here", () => {
  const cells = SESSION_STATES.flatMap((ours) =>
    Object.keys(onReceivedState[ours]).map((received) => [ours, received]),
  );
  expect(CELLS.map(([ours, received]) => [ours, received])).toEqual(cells);
});

describe("6.8.6 the state machine", () => {
  test.for(CELLS)("%s that hears %s becomes %s", ([ours, received, becomes, diagnostic]) => {
    const [station, peer] = inState(ours);
    peer.say({ state: received });
    expect(station.state).toBe(becomes);
    if (diagnostic !== undefined) expect(station.session().diagnostic).toBe(diagnostic);
    // A change is told at once, no change is not told.
    expect(station.taken().map(({ packet }) => packet.state)).toEqual(becomes === ours ? [] : [becomes]);
  });

  test.for(["Init", "Up"] as const)("%s that hears nothing for the detection time becomes Down", (state) => {
    const [station, peer] = inState(state);
    peer.say({ state: state === "Up" ? "Up" : "Down" });
    station.pass(seconds(1));
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Control Detection Time Expired" });
  });

  test("a session that was up comes up again after it fell", () => {
    const [station, peer] = inState("Up");
    peer.say({ state: "Down" });
    peer.say({ state: "Down" });
    peer.say({ state: "Init" });
    expect(station.changes()).toEqual(["Down-Init", "Init-Up", "Up-Down", "Down-Init", "Init-Up"]);
    expect(station.session().upCount).toBe(2);
  });
});
