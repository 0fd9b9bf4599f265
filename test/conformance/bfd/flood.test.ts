import { describe, expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { alarmsOf } from "../../support/ask.js";
import { MULTIHOP, Peer, Station } from "./station.js";

const alarms = ({ engine }: Station): readonly string[] => alarmsOf(engine).map(({ name }) => name);

/** So many packets arrive within a second, none of which counts. */
function flood(station: Station, packets: number, refused: (peer: Peer) => Uint8Array): void {
  const packet = refused(new Peer(station));
  for (let n = 0; n < 10; n++) {
    station.hearTogether(Array.from({ length: packets / 10 }, () => packet));
    station.pass(millis(100));
  }
}

describe("a flood of packets on the BFD ports", () => {
  const kinds: readonly (readonly [string, (peer: Peer) => Uint8Array])[] = [
    ["that are faulty", (peer) => peer.packet({ version: 2 })],
    ["of no session", (peer) => peer.packet({ yourDiscriminator: 999, state: "Up" })],
    ["of another remote discriminator", (peer) => peer.packet({ myDiscriminator: 5 })],
  ];
  it.for(kinds)("%s is an alarm, until it is over for ten seconds", ([, refused]) => {
    const station = new Station([{ ...MULTIHOP, remoteDiscriminator: 77 }]);
    flood(station, 500, refused);
    expect(alarms(station)).toEqual([]);
    flood(station, 600, refused);
    expect(alarms(station)).toEqual(["bfdFlooded"]);
    station.pass(seconds(9));
    flood(station, 600, refused);
    station.pass(seconds(9));
    expect(alarms(station)).toEqual(["bfdFlooded"]);
    station.pass(seconds(2));
    expect(alarms(station)).toEqual([]);
  });

  it("that are a session's own is none", () => {
    const station = new Station([MULTIHOP]);
    flood(station, 600, (peer) => peer.packet({ state: "Down" }));
    expect(alarms(station)).toEqual([]);
  });
});
