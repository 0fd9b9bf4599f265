import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { macOf, type TrunkParts } from "../../support/desired.js";
import { readLacpdu } from "../../support/frames.js";
import { bringUp, Partner, Station } from "./station.js";

const MEMBERS = { eth1: {}, eth2: {} };
const FAST: TrunkParts = { members: MEMBERS, lacp: { fast: true } };

describe("another interface under a port", () => {
  test("is a port that begins anew: nobody spoke there", () => {
    const station = new Station(FAST);
    bringUp(station);
    station.link("eth1", { index: 50_301 });
    expect(station.port("eth1")).toMatchObject({
      receiveState: "EXPIRED",
      portState: "11100011",
      partner: null,
      distributing: false,
      collecting: false,
    });
    expect(station.port("eth2")).toMatchObject({ status: "Selected" });
    for (let n = 0; n < 3; n++) {
      new Partner(station, "eth1").say("11111100");
      new Partner(station, "eth2").say("11111100");
      station.pass(seconds(1));
    }
    expect(station.port("eth1").status).toBe("Selected");
  });

  test("is not the same one with another MAC address: members take the address of their trunk", () => {
    const station = new Station(FAST);
    bringUp(station);
    station.link("eth1", { mac: macOf("0200-0000-9999") });
    expect(station.port("eth1").status).toBe("Selected");
  });

  test("that is reported before the old one is gone, as in a dump, is the one that counts", () => {
    const station = new Station(FAST);
    bringUp(station);
    const old = station.linkOf("eth1");
    station.link("eth1", { index: 50_301 });
    station.engine.take({ kind: "link", link: { ...old, present: false, up: false, carrier: false } }, station.now);
    station.settle();
    expect(station.port("eth1")).toMatchObject({ linkUp: true, receiveState: "EXPIRED", partner: null });
  });
});

describe("a member that is removed and added within a second", () => {
  const state = (station: Station): string[] => station.pdus("eth1").map(({ actor }) => actor.state);

  test.each([150, 300, 450])("after %d ms speaks with one voice, within the limit of its interface", (gap) => {
    const station = new Station(FAST);
    const partners = bringUp(station);
    const begun = station.now;
    station.configure({ ...FAST, members: { eth2: {} } });
    expect(state(station)).toEqual(["11000000"]);
    station.pass(millis(gap));
    station.configure(FAST);
    for (let n = 0; n < 30; n++) {
      partners.get("eth1")?.say("11111100");
      partners.get("eth2")?.say("11111100");
      station.pass(millis(100));
    }
    const sent = station.log.filter(({ port, time, bytes }) => port === "eth1" && time > begun && readLacpdu(bytes));
    const states = sent.map(({ bytes }) => readLacpdu(bytes)?.actor.state ?? "");
    const first = states.findIndex((each) => each[7] === "1");
    expect(states.slice(first).filter((each) => each[2] === "0")).toEqual([]);
    for (const { time } of sent)
      expect(sent.filter((other) => other.time >= time && other.time < time + 1_000_000).length).toBeLessThanOrEqual(3);
    expect(station.port("eth1").status).toBe("Selected");
  });

  test("to another trunk speaks for that one alone", () => {
    const one: TrunkParts = { ...FAST, members: { eth2: {} } };
    const other: TrunkParts = { id: 2, members: { eth1: {} }, lacp: { fast: true } };
    const station = new Station(FAST, { more: [{ ...other, members: {} }] });
    bringUp(station);
    station.configure(one, other);
    station.pass(seconds(2));
    const keys = new Set(station.pdus("eth1").map(({ actor }) => actor.key));
    expect([...keys]).toEqual([2 * 256 + 3 * 16 + 1]);
    expect(station.port("eth1").status).toBe("Unselect");
  });
});
