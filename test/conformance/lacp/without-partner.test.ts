import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { MemberParts, TrunkParts } from "../../support/desired.js";
import { Partner, STATION_MAC, Station } from "./station.js";

const members = (count: number, parts: { readonly [name: string]: MemberParts } = {}): TrunkParts["members"] =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`eth${n + 1}`, parts[`eth${n + 1}`] ?? {}]));

describe("C6 members without a partner", () => {
  const statuses = (station: Station): string[] => station.trunk().ports.map(({ status }) => status);
  const forced = { eth1: { forceUp: true }, eth2: { forceUp: true } };

  test("lacp force-up: a port that hears nobody carries, and LACP takes over when a partner speaks", () => {
    const station = new Station({ members: members(2, { eth1: { forceUp: true } }) });
    station.pass(seconds(10));
    expect(statuses(station)).toEqual(["ForceUp", "Unselect"]);
    expect(station.trunk().operState).toBe("up");
    new Partner(station, "eth1").say("10100000");
    expect(station.port("eth1").status).toBe("Unselect");
  });

  test("lacp force-up acts when all members have timed out, not before anything could be heard", () => {
    const station = new Station({ members: forced });
    station.pass(millis(2_999));
    expect(statuses(station)).toEqual(["Unselect", "Unselect"]);
    station.pass(millis(1));
    expect(statuses(station)).toEqual(["ForceUp", "ForceUp"]);
  });

  test("lacp force-up never acts beside a member that hears its partner", () => {
    const station = new Station({ members: forced });
    const partner = new Partner(station, "eth1");
    for (let n = 0; n < 10; n++) {
      partner.say("10111100");
      station.pass(seconds(1));
    }
    expect(statuses(station)).toEqual(["Selected", "Unselect"]);
  });

  test("lacp force-up ends for all members when one hears a partner, and begins when that one has timed out", () => {
    const station = new Station({ members: forced, lacp: { fast: true } });
    station.pass(seconds(10));
    new Partner(station, "eth2").say("10100000");
    expect(statuses(station)).toEqual(["Unselect", "Unselect"]);
    station.pass(millis(5_999));
    expect(statuses(station)).toEqual(["Unselect", "Unselect"]);
    station.pass(millis(1));
    expect(statuses(station)).toEqual(["ForceUp", "ForceUp"]);
  });

  test("a link that comes later times out itself, and does not end lacp force-up of the others", () => {
    const station = new Station({ members: forced });
    station.link("eth2", { carrier: false });
    station.pass(seconds(5));
    station.link("eth2", { carrier: true });
    expect(statuses(station)).toEqual(["ForceUp", "Unselect"]);
    station.pass(seconds(3));
    expect(statuses(station)).toEqual(["ForceUp", "ForceUp"]);
  });

  test("lacp force-up never acts towards ourselves, and its reason says so", () => {
    const station = new Station({ members: forced });
    const ourselves = new Partner(station, "eth1", { system: STATION_MAC });
    for (let n = 0; n < 10; n++) {
      ourselves.say("10100000");
      station.pass(seconds(1));
    }
    expect(statuses(station)).toEqual(["Unselect", "ForceUp"]);
    expect(station.port("eth1").reason).toBe("partner system ID equals ours");
  });

  test("a port that is forced up and then hears ourselves stops at once", () => {
    const station = new Station({ members: forced });
    station.pass(seconds(5));
    new Partner(station, "eth1", { system: STATION_MAC }).say("10100000");
    expect(statuses(station)).toEqual(["Unselect", "ForceUp"]);
  });

  test("the least threshold holds for forced ports too", () => {
    const station = new Station({ members: members(2, { eth1: { forceUp: true } }), leastLinks: 2 });
    station.pass(seconds(10));
    expect(station.trunk().operState).toBe("down");
  });
});

describe("C6 a partner that never comes to rest", () => {
  test.for([1_500, 1_999, 2_000, 2_500, 3_000, 3_999, 4_000, 10_000])(
    "on the best port keeps no other out: a candidate that was unselected loses its turn (every %i ms)",
    (period) => {
      const station = new Station({ members: members(3) });
      const restless = new Partner(station, "eth1");
      const steady = ["eth2", "eth3"].map((name) => new Partner(station, name, { system: "02:00:00:00:0c:00" }));
      for (let n = 0; n < 20; n++) {
        restless.end = { ...restless.end, key: 100 + n };
        restless.say("10111100");
        for (const partner of steady) partner.say("10111100");
        station.pass(millis(period));
      }
      expect(station.trunk().ports.map(({ status }) => status)).toEqual(["Unselect", "Selected", "Selected"]);
      expect(station.port("eth1").reason).toBe("partner system ID or key differs from the reference port's");
    },
  );
});
