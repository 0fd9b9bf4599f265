import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { bringUp, Partner, Station } from "./station.js";

const ONE_LINK = { members: { eth1: {} } };

/** Keeps the partner speaking each 20 seconds. */
function speak(partner: Partner, duration: number, state?: string): void {
  for (let n = 0; n < duration / 20; n++) {
    partner.say(state);
    partner.station.pass(seconds(20));
  }
}

describe("C8 churn detection", () => {
  test("actor churn is declared when we are out of sync for 60 seconds with the link up", () => {
    const station = new Station(ONE_LINK);
    station.pass(millis(59_999));
    expect(station.port("eth1").actorChurn).toBe(false);
    station.pass(millis(1));
    expect(station.port("eth1").actorChurn).toBe(true);
    expect(station.statistics("eth1").actorChurnCount).toBe(1);
  });

  test("partner churn is declared when the partner is out of sync for 60 seconds", () => {
    const station = new Station(ONE_LINK);
    const partner = new Partner(station, "eth1");
    speak(partner, 60, "10100000");
    const port = station.port("eth1");
    expect([port.actorChurn, port.partnerChurn]).toEqual([false, true]);
    expect(station.statistics("eth1")).toMatchObject({ actorChurnCount: 0, partnerChurnCount: 1 });
  });

  test("churn ends as soon as the end in question is in sync, and counts again the next time", () => {
    const station = new Station(ONE_LINK);
    const partner = new Partner(station, "eth1");
    speak(partner, 80, "10100000");
    expect(station.port("eth1").partnerChurn).toBe(true);
    partner.say("10110000");
    expect(station.port("eth1").partnerChurn).toBe(false);
    speak(partner, 80, "10100000");
    expect(station.port("eth1").partnerChurn).toBe(true);
    expect(station.statistics("eth1").partnerChurnCount).toBe(2);
  });

  test("a link in sync shows no churn, however long", () => {
    const station = new Station(ONE_LINK);
    speak(bringUp(station).get("eth1") as Partner, 600);
    const port = station.port("eth1");
    expect([port.actorChurn, port.partnerChurn]).toEqual([false, false]);
    expect(station.statistics("eth1")).toMatchObject({ actorChurnCount: 0, partnerChurnCount: 0 });
  });

  test("the monitor starts anew when the link comes back: no churn is counted while it is down", () => {
    const station = new Station(ONE_LINK);
    station.pass(seconds(50));
    station.link("eth1", { carrier: false });
    station.pass(seconds(300));
    expect(station.statistics("eth1").actorChurnCount).toBe(0);
    station.link("eth1", { carrier: true });
    station.pass(millis(59_999));
    expect(station.statistics("eth1").actorChurnCount).toBe(0);
    station.pass(millis(1));
    expect(station.statistics("eth1").actorChurnCount).toBe(1);
  });

  test("a port that goes down in churn is no longer in churn", () => {
    const station = new Station(ONE_LINK);
    station.pass(seconds(61));
    station.link("eth1", { carrier: false });
    expect(station.port("eth1").actorChurn).toBe(false);
  });

  test("a port held in reserve is out of sync on purpose: no churn is counted", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} }, lacp: { maxLinks: 1 } });
    const partners = bringUp(station);
    for (let n = 0; n < 10; n++) {
      for (const partner of partners.values()) partner.say();
      station.pass(seconds(20));
    }
    expect(station.port("eth2").status).toBe("Unselect");
    expect(station.statistics("eth2").actorChurnCount).toBe(0);
  });

  test("each change of sync is counted on both sides", () => {
    const station = new Station(ONE_LINK);
    const partner = bringUp(station).get("eth1") as Partner;
    const before = station.statistics("eth1");
    partner.say("10100000");
    partner.say("10111100");
    expect(station.statistics("eth1").partnerSyncTransitions - before.partnerSyncTransitions).toBe(2);
    expect(before.actorSyncTransitions).toBe(1);
  });
});
