// Two tables kept alike through what goes wrong for minutes (formats/rbs.md 5 to 7).
import { expect, test } from "vitest";
import { Random } from "../../../src/core/base/random.js";
import { type Micros, millis, seconds } from "../../../src/core/base/time.js";
import { TablePair, type TestHost } from "./table-pair.js";

const MAC = 0x0200_0000_0000;
const hostOf = (number: number): TestHost => ({ service: number % 2 === 0 ? "arp" : "nd", vlans: 0, number });

/** A pair that is connected and has listened for long enough to send batches; the first end is master, or both are. */
function pairOf(isActiveActive: boolean): TablePair {
  const pair = new TablePair(new Random(3));
  pair.isActiveActive = isActiveActive;
  pair.ends[0].local = "master";
  pair.ends[1].local = isActiveActive ? "master" : "slave";
  pair.run(seconds(1_300));
  expect(pair.isConnected).toBe(true);
  return pair;
}

/** What was heard leaves at once, and then time passes. */
function pass(pair: TablePair, time: Micros): void {
  pair.step();
  pair.run(time);
}

/** Puts and deletes that both ends have told. */
function recordsOf(pair: TablePair): number {
  const counters = pair.ends.flatMap(({ own }) => [own.countersOf(10, "arp").sent, own.countersOf(10, "nd").sent]);
  return counters.reduce((sum, { puts, deletes }) => sum + puts + deletes, 0);
}

test("active-active: a host that only the other PE hears is known here within 50 ms, stays, and is gone at both with its claim", () => {
  const pair = pairOf(true);
  const [one, two] = pair.ends;
  for (const number of [1, 2]) two.hear(hostOf(number), MAC + number, pair.now);
  pass(pair, millis(40));
  expect(one.entries()).toEqual(two.entries());
  expect(one.entries()).toHaveLength(2);
  pass(pair, seconds(600));
  expect(one.entries()).toHaveLength(2);
  expect([one.table("arp").copiesAge, two.table("arp").copiesAge]).toEqual([false, false]);
  two.lose(hostOf(2));
  pass(pair, millis(40));
  for (const end of pair.ends) expect(end.entries()).toHaveLength(1);
});

test("one address at two hosts, heard by a PE each: as many records as changes, and no more", () => {
  const pair = pairOf(true);
  const [one, two] = pair.ends;
  const before = recordsOf(pair);
  const rounds = 300;
  for (let n = 0; n < rounds; n++) {
    one.hear(hostOf(2), MAC + 1, pair.now);
    two.hear(hostOf(2), MAC + 2, pair.now);
    pass(pair, millis(200));
  }
  // Each round is two changes: two puts, a delete of the claim that lost, and the winner told once more.
  expect(recordsOf(pair) - before).toBeLessThanOrEqual(4 * rounds);
  pass(pair, seconds(10));
  const calm = recordsOf(pair);
  pass(pair, seconds(300));
  expect(recordsOf(pair)).toBe(calm);
  expect(one.entries()).toEqual(two.entries());
});

test("a digest that is corrupted is found, and a batch mends what differs", () => {
  const pair = pairOf(false);
  const [one, two] = pair.ends;
  for (let n = 0; n < 20; n++) one.hear(hostOf(n), MAC + n, pair.now);
  pass(pair, seconds(1));
  const batches = one.own.countersOf(10, "arp").sent.batches + one.own.countersOf(10, "nd").sent.batches;
  pair.corrupts = 1;
  pass(pair, seconds(130));
  const received = (["arp", "nd"] as const).map((service) => two.own.countersOf(10, service).received);
  expect(received.reduce((sum, { mismatches }) => sum + mismatches, 0)).toBe(1);
  expect(one.own.countersOf(10, "arp").sent.batches + one.own.countersOf(10, "nd").sent.batches).toBe(batches + 1);
  expect([...two.service.troubles()]).toEqual([]);
  expect(two.entries()).toEqual(one.entries());
});

test("a split brain of five minutes: both hear hosts, and afterwards the master's are at both", () => {
  const pair = pairOf(false);
  const [one, two] = pair.ends;
  for (let n = 0; n < 20; n++) one.hear(hostOf(n), MAC + n, pair.now);
  pass(pair, seconds(1));
  pair.isCut = true;
  pass(pair, seconds(1));
  two.local = "master";
  for (let n = 0; n < 300; n++) {
    one.hear(hostOf(n % 40), MAC + n, pair.now);
    two.hear(hostOf(20 + (n % 40)), MAC + 0x1_0000 + n, pair.now);
    pass(pair, seconds(1));
  }
  pair.isCut = false;
  two.local = "slave";
  pass(pair, seconds(200));
  expect(pair.isConnected).toBe(true);
  expect(two.entries()).toEqual(one.entries());
  expect(one.entries().length).toBeGreaterThanOrEqual(40);
});

test("a peer that reads and never applies: what waits is bounded, the connection ends, and the display says why", () => {
  const pair = pairOf(false);
  const [one, two] = pair.ends;
  two.isDeaf = true;
  for (let round = 0; round < 200; round++) {
    for (let n = 0; n < 1_000; n++) one.hear(hostOf(n), MAC + round * 1_000 + n, pair.now);
    pass(pair, seconds(1));
  }
  expect(pair.mostUnacknowledged).toBeGreaterThan(0);
  expect(pair.mostUnacknowledged).toBeLessThanOrEqual(4 * 1024 * 1024 + 65_536);
  expect(one.service.lastDownReason).toBe("nothing heard for 160 s");
  expect(one.entries()).toHaveLength(1_000);
  two.isDeaf = false;
  pass(pair, seconds(60));
  expect(two.entries()).toEqual(one.entries());
});
