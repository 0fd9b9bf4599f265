import { expect, it } from "vitest";
import { type Micros, seconds } from "../../../src/core/base/time.js";
import type { DesiredFlushSending } from "../../../src/core/contract/desired/flush.js";
import { readFlush } from "../../support/flush-frames.js";
import { EtrunkPair } from "./etrunk-pair.js";

const FLUSH: DesiredFlushSending = {
  controlVlan: 7,
  isTagged: true,
  vlans: undefined,
  key: { mode: "none", octets: new Uint8Array(0) },
};

/** Two PEs whose member trunks send Flush. */
function pairThatFlushes(): EtrunkPair {
  const pair = new EtrunkPair(2);
  for (const pe of pair.pes)
    pe.desired = { ...pe.desired, trunks: pe.desired.trunks.map((trunk) => ({ ...trunk, flush: FLUSH })) };
  return pair.up();
}

const flushes = (pair: EtrunkPair, since: Micros) =>
  pair.world.sent.flatMap(({ time, node, bytes }) => {
    const flush = time >= since ? readFlush(bytes) : undefined;
    return flush ? [{ node, vlan: flush.tag, after: Math.round((time - since) / 1_000) }] : [];
  });

it("the PE that takes over tells the network to forget the other", () => {
  const pair = pairThatFlushes();
  const start = pair.world.now;
  for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
  pair.world.until("pe2 carries", () => pair.carries("pe2"));
  const took = pair.world.now;
  pair.world.run(seconds(2));
  expect(flushes(pair, took).map(({ node, vlan }) => [node, vlan])).toEqual([
    ["pe2", 7],
    ["pe2", 7],
    ["pe2", 7],
  ]);
  const [first, second, third] = flushes(pair, start).map(({ after }) => after);
  expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (first ?? 0)]).toEqual([100, 300]);
});

// The one that yields may do so before its first hello arrives, which then says Backup.
it.for([
  ["the one that stays hears the other first", "pe2>pe1"],
  ["the one that yields hears the other first", "pe1>pe2"],
] as const)(
  "the PE that stays after a split brain tells it too, though its own state did not change: %s",
  ([, first]) => {
    const pair = pairThatFlushes();
    pair.split();
    pair.world.until("both carry", () => pair.carries("pe1", "pe2"), seconds(10));
    pair.world.run(seconds(5));
    const start = pair.world.now;
    pair.cutWay(first, false);
    const hears = first === "pe2>pe1" ? pair.pe1 : pair.pe2;
    pair.world.until("one hears the other", () => pair.etrunk(hears).hearing, seconds(2));
    pair.split(false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(5));
    pair.world.run(seconds(2));
    expect(flushes(pair, start).map(({ node }) => node)).toEqual(["pe1", "pe1", "pe1"]);
  },
);

it("a peer that comes back from the dead carried nothing, so nobody is told", () => {
  const pair = pairThatFlushes();
  pair.pe2.crash();
  pair.world.run(seconds(10));
  const start = pair.world.now;
  pair.world.start(pair.pe2, "nothing");
  pair.world.run(seconds(30));
  expect(pair.carries("pe1")).toBe(true);
  expect(flushes(pair, start)).toEqual([]);
});
