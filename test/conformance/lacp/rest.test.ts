import { describe, expect, test, vi } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import { PARTNER_MAC, Partner, STATION_MAC, Station } from "./station.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

/** All texts of so many bits. */
const texts = (bits: number): string[] =>
  Array.from({ length: 2 ** bits }, (_, n) => n.toString(2).padStart(bits, "0"));

const RECEIVE_STATES = ["EXPIRED", "DEFAULTED", "CURRENT", "PORT_DISABLED"] as const;
const MUX_STATES = ["DETACHED", "WAITING", "ATTACHED", "COLLECTING_DISTRIBUTING"] as const;

/** A station whose port is in a given state of both machines, and its partner. Undefined where they exclude each other. */
function portIn(receive: string, mux: string, trunk: object): [Station, Partner] {
  const station = new Station({ members: { eth1: {}, eth2: {} }, ...trunk });
  const partner = new Partner(station, "eth1");
  if (receive === "DEFAULTED") station.pass(seconds(4));
  if (receive === "CURRENT") {
    partner.say("10100000");
    if (mux !== "WAITING") station.pass(seconds(2));
    if (mux === "COLLECTING_DISTRIBUTING") partner.say("10110000");
  }
  if (receive === "PORT_DISABLED") station.link("eth1", { carrier: false });
  return [station, partner];
}

const COMBINATIONS = RECEIVE_STATES.flatMap((receive) =>
  (receive === "CURRENT" ? MUX_STATES.slice(1) : MUX_STATES.slice(0, 1)).map((mux) => [receive, mux] as const),
);

/** Things that happen to a port. Each must leave the machines at rest; Station throws where they are not. */
const HAPPENINGS: readonly [what: string, happen: (station: Station, partner: Partner) => void][] = [
  ["its link goes", (station) => station.link("eth1", { carrier: false })],
  ["its link comes", (station) => station.link("eth1", { carrier: true })],
  ["its interface goes", (station) => station.link("eth1", { present: false, up: false, carrier: false })],
  ["the other link goes", (station) => station.link("eth2", { carrier: false })],
  ["the trunk is shut down", (station) => station.configure({ members: { eth1: {}, eth2: {} }, shutdown: true })],
  ["it is taken out", (station) => station.configure({ members: { eth2: {} } })],
  ["it becomes passive", (station) => station.configure({ members: { eth1: { active: false }, eth2: {} } })],
  [
    "its control becomes independent",
    (station) => station.configure({ members: { eth1: {}, eth2: {} }, lacp: { independentControl: true } }),
  ],
  ["the trunk becomes manual", (station) => station.configure({ members: { eth1: {}, eth2: {} }, mode: "manual" })],
  ["a second passes", (station) => station.pass(seconds(1))],
  ["a hundred seconds pass", (station) => station.pass(seconds(100))],
  ["its partner shows up on the other port", (station, partner) => new Partner(station, "eth2", partner.end).say()],
  ["it hears itself", (station) => station.hear("eth1", new Partner(station, "eth1", { system: STATION_MAC }).frame())],
];

describe("the machines come to rest", () => {
  test.for(COMBINATIONS)(
    "from %s and %s, whatever state octet the partner sends, knowing us or not",
    ([receive, mux]) => {
      for (const coupled of [true, false])
        for (const state of texts(8))
          for (const knows of [true, false]) {
            const [station, partner] = portIn(receive, mux, { lacp: { independentControl: !coupled } });
            if (knows) partner.say(state);
            else partner.say(state, { partner: { ...partner.end, system: PARTNER_MAC } });
            const port = station.port("eth1");
            expect(port.receiveState, state).toBe(receive === "PORT_DISABLED" ? "PORT_DISABLED" : "CURRENT");
            expect(station.engine.nextDeadline(), state).toBeGreaterThan(station.now);
          }
    },
  );

  test.for(COMBINATIONS)("from %s and %s, after any two things that can happen", ([receive, mux]) => {
    for (const [first, happen] of HAPPENINGS)
      for (const [second, happenNext] of HAPPENINGS) {
        const [station, partner] = portIn(receive, mux, {});
        happen(station, partner);
        // A port that was taken out hears nothing any more.
        const isMember = station.trunk().ports.some(({ name, portNumber }) => name === "eth1" && portNumber !== null);
        if (isMember || !second.includes("hears")) happenNext(station, partner);
        station.pass(seconds(200));
        expect(station.engine.nextDeadline(), `${first}, ${second}`).toBeGreaterThan(station.now);
      }
  });
});
