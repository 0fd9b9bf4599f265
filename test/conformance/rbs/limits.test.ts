// The limits of formats/rbs.md 3.1, 5 and 7: what is beyond them is counted, and costs nothing that grows.
import { expect, test } from "vitest";
import { NeighbourTable } from "../../../src/core/base/neighbours/table.js";
import { seconds } from "../../../src/core/base/time.js";
import { EntryExchange } from "../../../src/core/rbs/exchange.js";
import { OwnSide } from "../../../src/core/rbs/own-side.js";
import { Wholeness } from "../../../src/core/rbs/wholeness.js";
import type { RbsProfile } from "../../../src/core/wire/rbs/bodies.js";
import { recordHex } from "../../support/rbs-messages.js";
import { Bench, MASTER, record, SLAVE, sums } from "./exchange-bench.js";

const START = seconds(10_000);
const PROFILES = 4_095;

/** An exchange of so many profiles whose look-ups of tables are counted. */
function manyProfiles() {
  const table = new NeighbourTable(4, { most: 100, used: 0, refused: 0 }, 1);
  let lookups = 0;
  const of = (): NeighbourTable => {
    lookups++;
    return table;
  };
  const profileOf = (backupId: number, state: number): RbsProfile => ({
    ...{ backupId, state, mode: 1, etrunk: 1, trunk: 1, remoteTrunk: 1, workMode: 0, services: [5] },
  });
  const profiles = Array.from({ length: PROFILES }, (_, n) => profileOf(n + 1, SLAVE));
  const own = new OwnSide(7, { wholeness: new Wholeness(), of });
  own.set(profiles);
  const exchange = new EntryExchange(own, START);
  exchange.peerChanged(new Map(profiles.map((each) => [each.backupId, each])));
  return { exchange, profileOf, lookups: () => lookups };
}

test("a state of each of 4,095 profiles costs its own profile alone", () => {
  const { exchange, profileOf, lookups } = manyProfiles();
  expect(lookups()).toBe(PROFILES);
  for (let id = 1; id <= PROFILES; id++) exchange.peerStateChanged(profileOf(id, MASTER));
  expect(lookups()).toBe(2 * PROFILES);
});

test("a state alone has the effect that a list has", () => {
  const bench = new Bench(MASTER, MASTER);
  bench.learn(1);
  expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
  bench.peerState(SLAVE);
  expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
  bench.entries([record(7, 7)], 0);
  expect(bench.own.ignored).toBe(1);
  bench.peerState(MASTER);
  bench.entries([record(7, 7)], 0);
  expect(bench.rows()).toContain("7 mac 7 copy");
});

test("a million deletes of nothing are counted, and leave no row, no answer and no trouble", () => {
  const bench = new Bench(SLAVE, MASTER);
  bench.begin();
  bench.entries([record(7, 7)]);
  bench.end(1, sums([[7, 7]]));
  const nothing = Array.from({ length: 1_000 }, (_, n) =>
    recordHex(`0003 000a 0000 0000 c000${(0x300 + n).toString(16).padStart(4, "0")} 000000000000 0000 00000000`, 2),
  );
  for (let n = 0; n < 1_000; n++) bench.entries(nothing);
  expect(bench.received.strayDeletes).toBe(1_000_000);
  expect(bench.rows()).toEqual(["7 mac 7 copy"]);
  expect(bench.table.count).toBe(1);
  bench.digest(1, sums([[7, 7]]));
  expect(bench.received.mismatches).toBe(0);
  expect(bench.sent()).toEqual([]);
  expect([...bench.exchange.troubles()]).toEqual([]);
});
