import { expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { EtrunkPair } from "./etrunk-pair.js";

/** What is lost between the Master and the CE, whose link keeps its carrier. */
const WAYS = [
  ["what the Master sends", (pair: EtrunkPair) => pair.world.mute(pair.world.cables[0]!, 0)],
  ["what the CE sends", (pair: EtrunkPair) => pair.world.mute(pair.world.cables[0]!, 1)],
  ["both", (pair: EtrunkPair) => pair.world.cut(pair.world.cables[0]!)],
] as const;

it.for(WAYS)("a link to the CE silently loses %s: the other PE carries when LACP tells, and stays", ([, lose]) => {
  const pair = new EtrunkPair(1).up();
  const { world } = pair;
  lose(pair);
  // A CE needs 3 s to find that it hears nothing, and 3 s more until it says that it is out of sync.
  world.until("LACP tells", () => pair.pe1.port("eth1").status !== "Selected", seconds(7));
  // Who lost a partner is not looking for one: nobody waits for it.
  world.until("pe2 carries", () => pair.carries("pe2") && pair.ceCarries().join() === "eth2", millis(50));
  const before = world.events.length;
  world.run(seconds(30));
  expect(pair.carries("pe2") && pair.ceCarries().join() === "eth2").toBe(true);
  const moves = world.events.slice(before).filter(({ node, event }) => node === "pe2" && /-state$/.test(event.event));
  expect(moves).toEqual([]);
});
