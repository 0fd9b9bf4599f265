// What is told and heard of the entries of one table, against messages built by the tables of formats/rbs.md.
import { describe, expect, test } from "vitest";
import { MARKS } from "../../../src/core/base/neighbours/table.js";
import { later, seconds } from "../../../src/core/base/time.js";
import { murmurHash3 } from "../../../src/core/rbs/table-digest.js";
import { Bench, INIT, MASTER, octetsOf, record, SLAVE, START, sums, VLANS } from "./exchange-bench.js";

test.for([
  ["", 0, 0],
  ["", 1, 0x514e28b7],
  ["hello", 0, 0x248bfa47],
  ["hello, world", 0, 0x149bbb7f],
  ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
] as const)("MurmurHash3 of %j with seed %i", ([text, seed, hash]) => {
  const octets = new TextEncoder().encode(text);
  expect(murmurHash3(new DataView(octets.buffer), octets.length, seed)).toBe(hash);
});

describe("a master", () => {
  test("tells a batch, then what changes, each entry as it is then", () => {
    const bench = new Bench(MASTER, SLAVE);
    bench.learn(1);
    bench.learn(2);
    expect(bench.sent()).toEqual(["BATCH-BEGIN 2", "put 1", "put 2", "BATCH-END 2"]);
    expect(bench.sent()).toEqual([]);
    bench.learn(2, 20);
    bench.learn(2, 21);
    bench.forget(1);
    expect(bench.sent()).toEqual(["put 2 now", "delete 1 now"]);
    expect(bench.rows()).toEqual(["2 mac 21 own"]);
  });

  test("tells nothing of what came and went untold, and nothing where only the time changed", () => {
    const bench = new Bench(MASTER, SLAVE);
    bench.learn(1);
    bench.sent();
    bench.learn(2);
    bench.forget(2);
    bench.now = later(bench.now, seconds(50));
    bench.learn(1);
    expect(bench.sent()).toEqual([]);
    expect(bench.rows()).toEqual(["1 mac 1 own"]);
  });

  test("tells an audit every minute", () => {
    const bench = new Bench(MASTER, SLAVE);
    bench.learn(1);
    bench.sent();
    expect(bench.exchange.nextDeadline()).toBe(later(START, seconds(60)));
    bench.run(seconds(60));
    expect(bench.sent()).toEqual(["DIGEST 1"]);
    expect(bench.exchange.nextDeadline()).toBe(later(START, seconds(120)));
  });

  test("whose table has just begun sends no batch, and an audit all the same", () => {
    const bench = new Bench(MASTER, SLAVE, { isRestored: false });
    bench.learn(1);
    expect(bench.sent()).toEqual(["put 1 now"]);
    bench.run(seconds(60));
    expect(bench.sent()).toEqual(["DIGEST 1"]);
    bench.table.isRestored = true;
    expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
  });

  test("whose table began empty sends no batch for 20 minutes, unless it has entries of the process before", () => {
    const bench = new Bench(MASTER, SLAVE, { hasListened: false });
    bench.learn(1);
    expect(bench.sent()).toEqual(["put 1 now"]);
    bench.run(seconds(1_199));
    expect(bench.sent()).toEqual(["DIGEST 1"]);
    bench.run(seconds(1));
    expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
    const adopting = new Bench(MASTER, SLAVE, { hasListened: false });
    adopting.table.adopted++;
    expect(adopting.sent()).toEqual(["BATCH-BEGIN 0", "BATCH-END 0"]);
  });

  test("that began empty is whole once the other end told all it knows", () => {
    const bench = new Bench(SLAVE, MASTER, { hasListened: false });
    bench.begin();
    bench.entries([record(1, 1)]);
    bench.end(1, sums([[1, 1]]));
    bench.table.claimCopies();
    bench.become(MASTER);
    expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
  });

  test("begins another batch when it is asked to, and when the peer becomes slave", () => {
    const bench = new Bench(MASTER, INIT);
    bench.learn(1);
    bench.sent();
    for (const again of [() => bench.hears("REFRESH", "000a0501"), () => bench.peer(SLAVE)]) {
      again();
      expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
    }
    bench.peer(SLAVE);
    expect(bench.sent()).toEqual([]);
  });

  test("that is master no more is silent, and remembers nothing of what it told", () => {
    const bench = new Bench(MASTER, SLAVE);
    bench.learn(1);
    bench.sent();
    bench.become(INIT);
    bench.forget(1);
    expect(bench.sent()).toEqual([]);
    expect(bench.rows()).toEqual([]);
  });
});

describe("a slave", () => {
  /** It holds 1 and 2 of a batch. */
  function filled(options: { most?: number } = {}): Bench {
    const bench = new Bench(SLAVE, MASTER, options);
    bench.begin();
    bench.entries([record(1, 1), record(2, 2)]);
    bench.end(
      2,
      sums([
        [1, 1],
        [2, 2],
      ]),
    );
    return bench;
  }

  test("holds what it is told, with the time since it was heard", () => {
    const bench = filled();
    expect(bench.rows()).toEqual(["1 mac 1 copy", "2 mac 2 copy"]);
    expect(bench.table.copyHeard(bench.table.find(VLANS, octetsOf(1)))).toBe(START / 1e6 - 5);
    expect(bench.received).toMatchObject({ batches: 1, puts: 2, digests: 1, mismatches: 0 });
    expect(bench.sent()).toEqual([]);
  });

  test("removes at the end of a batch what it did not name, in it or beside it", () => {
    const bench = filled();
    bench.begin(2);
    bench.entries([record(3, 3)], 2);
    bench.end(1, sums([[3, 3]]), 2);
    expect(bench.rows()).toEqual(["3 mac 3 copy"]);
    expect(bench.received.mismatches).toBe(0);
  });

  test("removes nothing for a batch that does not end", () => {
    for (const ends of [(b: Bench) => b.begin(3), (b: Bench) => b.peer(SLAVE), (b: Bench) => b.exchange.close()]) {
      const bench = filled();
      bench.begin(2);
      ends(bench);
      bench.end(0, sums([]), 2);
      expect(bench.rows()).toEqual(["1 mac 1 copy", "2 mac 2 copy"]);
      expect(bench.received.cut).toBe(1);
    }
  });

  test("a delete takes the copy alone, and one of nothing is counted", () => {
    const bench = filled();
    bench.learn(1);
    bench.entries([record(1, 1, { operation: 2 }), record(2, 2, { operation: 2 }), record(9, 9, { operation: 2 })]);
    expect(bench.rows()).toEqual(["1 mac 1 own"]);
    expect(bench.received).toMatchObject({ deletes: 2, strayDeletes: 1 });
    bench.digest(0, sums([]));
    expect(bench.received.mismatches).toBe(0);
  });

  test("counts and leaves what is of another Eth-Trunk, of another batch, or of a peer that is not master", () => {
    const bench = filled();
    bench.entries([record(7, 7, { trunk: 4 })]);
    bench.entries([record(7, 7)], 9);
    bench.peer(INIT);
    bench.entries([record(7, 7)]);
    expect(bench.rows()).toEqual(["1 mac 1 copy", "2 mac 2 copy"]);
    expect([bench.received.ignored, bench.own.ignored]).toEqual([2, 1]);
  });

  test("asks for a batch when digests differ, once a minute, and the third in a row is a trouble until one fits", () => {
    const bench = filled();
    for (const [n, asks] of [["REFRESH 2"], ["REFRESH 2"], ["REFRESH 2"]].entries()) {
      bench.digest(2, "00".repeat(8));
      bench.digest(2, "00".repeat(8).replace(/0$/, `${n + 1}`));
      expect(bench.sent()).toEqual(asks);
      bench.run(seconds(60));
    }
    expect([...bench.exchange.troubles()]).toEqual([{ backupId: 10, service: "arp", what: "differs" }]);
    bench.digest(
      2,
      sums([
        [1, 1],
        [2, 2],
      ]),
    );
    expect([...bench.exchange.troubles()]).toEqual([]);
  });

  test("without room drops, says so and does not compare, until the end of a batch makes room", () => {
    const bench = filled({ most: 2 });
    bench.entries([record(3, 3)]);
    bench.digest(3, "00".repeat(8));
    expect(bench.received).toMatchObject({ dropped: 1, mismatches: 0 });
    expect([...bench.exchange.troubles()]).toEqual([{ backupId: 10, service: "arp", what: "full" }]);
    bench.begin(2);
    bench.entries([record(3, 3), record(1, 1)], 2);
    bench.end(
      2,
      sums([
        [3, 3],
        [1, 1],
      ]),
      2,
    );
    expect(bench.sent()).toEqual(["REFRESH 2"]);
    bench.begin(3);
    bench.entries([record(3, 3), record(1, 1)], 3);
    bench.end(
      2,
      sums([
        [3, 3],
        [1, 1],
      ]),
      3,
    );
    expect([...bench.exchange.troubles()]).toEqual([]);
    expect(bench.rows().sort()).toEqual(["1 mac 1 copy", "3 mac 3 copy"]);
  });
});

describe("two ends that both carry", () => {
  test("the one heard last stands, and the loser's claim is withdrawn with one delete", () => {
    const bench = new Bench(MASTER, MASTER);
    bench.learn(1, 1);
    bench.sent();
    bench.run(seconds(30));
    bench.entries([record(1, 9, { since: 2 })], 0);
    expect(bench.rows()).toEqual(["1 mac 9 copy"]);
    expect(bench.sent()).toEqual(["delete 1 now"]);
    bench.entries([record(1, 9, { operation: 2 })], 0);
    expect(bench.rows()).toEqual([]);
  });

  test("an older one changes nothing here, and counts in the digest as it was told", () => {
    const bench = new Bench(MASTER, MASTER);
    bench.learn(1, 1);
    bench.begin();
    bench.entries([record(1, 9, { since: 30 })]);
    bench.end(1, sums([[1, 9]]));
    expect(bench.rows()).toEqual(["1 mac 1 own"]);
    expect(bench.received.mismatches).toBe(0);
    expect(bench.table.has(bench.table.find(VLANS, octetsOf(1)), MARKS.received)).toBe(true);
  });
});
