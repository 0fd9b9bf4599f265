import { describe, expect, test } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { MULTIHOP, Peer, Station } from "./station.js";

const up = (remote = {}): [Station, Peer] => {
  const station = new Station([MULTIHOP]);
  return [station, new Peer(station, remote).bringUp()];
};

describe("6.8.4 the detection time", () => {
  test.for([
    ["the peer's multiplier times the peer's interval", { desiredMinTx: 500_000, multiplier: 4 }, 2_000],
    ["the peer's multiplier times ours, where ours is greater", { desiredMinTx: 50_000, multiplier: 5 }, 1_500],
    ["one interval with multiplier 1", { desiredMinTx: 400_000, multiplier: 1 }, 400],
  ] as const)("B7 is %s", ([, remote, detection]) => {
    const [station, peer] = up(remote);
    peer.say({ state: "Up" });
    expect(station.session().detectionTime).toBe(detection);
    station.pass(micros(detection * 1000 - 1));
    expect(station.state).toBe("Up");
    station.pass(micros(1));
    expect(station.session()).toMatchObject({ state: "Down", diagnostic: "Control Detection Time Expired" });
  });

  test("its diagnostic is told of the fall, not of the rise that follows; a session that is configured no more tells its end", () => {
    const [station] = up();
    station.pass(seconds(2));
    new Peer(station, { myDiscriminator: 5 }).bringUp();
    station.configure();
    const told = station.events.flatMap((event) =>
      event.event === "bfd-state" ? [`${event.to}: ${event.diagnostic}`] : [],
    );
    const [fall, ...rise] = told.slice(-4);
    expect(fall).toBe("Down: Control Detection Time Expired");
    expect(rise).toEqual(["Init: No Diagnostic", "Up: No Diagnostic", "AdminDown: Administratively Down"]);
  });

  test("B4 a session that keeps hearing its peer stays up", () => {
    const [station, peer] = up();
    peer.say({ state: "Up" });
    peer.keepTalking(100);
    expect(station.session()).toMatchObject({ state: "Up", upCount: 1 });
  });

  test("what arrived while this process stood still is heard before the time is judged", () => {
    const [station, peer] = up();
    peer.say({ state: "Up" });
    station.now = micros(station.now + 5_000_000);
    peer.say();
    station.pass(millis(1));
    expect(station.state).toBe("Up");
  });

  test("B8 the peer's discriminator is forgotten when the time is over", () => {
    const [station, peer] = up();
    peer.say({ state: "Up" });
    station.taken();
    station.pass(seconds(1));
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Down", yourDiscriminator: 0 });
    expect(station.session().remoteDiscriminator).toBeNull();
  });

  test("a configured discriminator of the peer's stays", () => {
    const station = new Station([{ ...MULTIHOP, remoteDiscriminator: 77 }]);
    new Peer(station).bringUp();
    station.pass(seconds(3));
    expect(station.taken().at(-1)?.packet).toMatchObject({ state: "Down", yourDiscriminator: 77 });
  });

  test("B8 a peer that begins anew with another discriminator is followed", () => {
    const [station] = up();
    station.pass(seconds(1));
    const anew = new Peer(station, { myDiscriminator: 5 }).bringUp();
    anew.say({ state: "Up" });
    expect(station.session()).toMatchObject({ state: "Up", remoteDiscriminator: 5 });
  });
});

describe("6.8.18 what is kept while down", () => {
  test("the peer's wishes hold for a detection time after its last packet, not longer", () => {
    const [station, peer] = up();
    peer.say({ state: "Down", requiredMinRx: 5_000_000, desiredMinTx: 3_000_000 });
    expect(station.session()).toMatchObject({ state: "Down", actualTx: 5_000, remoteDiscriminator: 77 });
    station.taken();
    station.pass(millis(8_999));
    expect(station.taken().length).toBeLessThanOrEqual(2);
    station.pass(millis(1));
    expect(station.session()).toMatchObject({ state: "Down", actualTx: 1_000, remoteDiscriminator: null });
  });

  test("a peer that wanted no packets and then fell silent gets some again", () => {
    const [station, peer] = up();
    peer.say({ state: "Down", requiredMinRx: 0 });
    station.taken();
    station.pass(millis(899));
    expect(station.taken()).toEqual([]);
    station.pass(seconds(3));
    expect(station.taken().length).toBeGreaterThan(1);
  });
});
