import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import type { TrunkParts } from "../../support/desired.js";
import { readLacpdu } from "../../support/frames.js";
import { bringUp, Partner, Station } from "./station.js";

const MEMBERS = { eth1: {}, eth2: {} };
const LIMITS: readonly (readonly [limit: string, trunk: TrunkParts, reason: string])[] = [
  ["least active-linknumber 2", { members: MEMBERS, leastLinks: 2 }, "below lower link threshold"],
  ["least active-bandwidth 2000", { members: MEMBERS, leastBandwidth: 2_000 }, "below bandwidth threshold"],
];
const independent = (trunk: TrunkParts): TrunkParts => ({ ...trunk, lacp: { independentControl: true } });

/** Every state that a port has told. */
const told = (station: Station, name: string): string[] =>
  station.log.flatMap(({ port, bytes }) => (port === name ? (readLacpdu(bytes)?.actor.state ?? []) : []));
const collects = (state: string): boolean => state[4] === "1";

describe.each(LIMITS)("%s", (_, trunk, reason) => {
  describe.each([
    ["coupled", trunk],
    ["independent", independent(trunk)],
  ] as const)("with %s control", (_control, parts) => {
    /** Partners on both links that answer, the second one without ever being in sync. */
    function halfAgreed() {
      const station = new Station(parts);
      const [first, second] = [new Partner(station, "eth1"), new Partner(station, "eth2")];
      for (let n = 0; n < 6; n++) {
        first.say("10111100");
        second.say("10100000");
        station.pass(seconds(1));
      }
      return { station, first, second };
    }

    test("while the partner of one link is not in sync, no partner is told Collecting", () => {
      const { station } = halfAgreed();
      expect(station.trunk().operState).toBe("down");
      expect(station.port("eth1")).toMatchObject({ muxState: "ATTACHED", portState: "10110000", reason });
      expect(["eth1", "eth2"].flatMap((name) => told(station, name)).filter(collects)).toEqual([]);
    });

    test("when it comes into sync both collect at once", () => {
      const { station, first, second } = halfAgreed();
      second.say("10111100");
      first.say("10111100");
      expect(station.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
      expect(station.trunk().ports.map(({ portState }) => portState)).toEqual(["10111100", "10111100"]);
    });

    test("when it falls out of sync neither goes on collecting", () => {
      const station = new Station(parts);
      const partners = bringUp(station);
      for (const partner of partners.values()) partner.say("10111100");
      expect(station.trunk().operState).toBe("up");
      partners.get("eth2")?.say("10100000");
      expect(station.trunk().operState).toBe("down");
      expect(station.lastPdu("eth1")?.actor.state).toBe("10110000");
    });

    test("a link that is lost takes the other one out of sync, so that its partner sees that the trunk is down", () => {
      const station = new Station(parts);
      bringUp(station);
      station.link("eth2", { carrier: false });
      expect(station.lastPdu("eth1")?.actor.state).toBe("10100000");
      expect(station.port("eth1").reason).toBe(reason);
    });
  });
});

test("max active-linknumber below the least one carries nothing, and tells nobody Collecting", () => {
  const station = new Station({ members: MEMBERS, leastLinks: 2, lacp: { maxLinks: 1 } });
  const partners = [new Partner(station, "eth1"), new Partner(station, "eth2")];
  for (let n = 0; n < 6; n++) {
    for (const partner of partners) partner.say("10111100");
    station.pass(seconds(1));
  }
  expect(station.trunk().operState).toBe("down");
  expect(["eth1", "eth2"].flatMap((name) => told(station, name)).filter(collects)).toEqual([]);
});

test("with independent control what is told is done while the partner does not collect yet", () => {
  const station = new Station(independent({ members: { eth1: {} } }));
  const partner = new Partner(station, "eth1");
  for (let n = 0; n < 4; n++) {
    partner.say("10110000");
    station.pass(seconds(1));
  }
  expect(station.port("eth1")).toMatchObject({ portState: "10111000", collecting: true, distributing: false });
});
