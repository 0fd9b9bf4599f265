// `backup block` (behaviour.md 4): one direction stops, for one type or for all.
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import { TableRoles } from "../../../src/core/rbs/table-roles.js";
import { Bench, MASTER, record, SLAVE, sums } from "./exchange-bench.js";

function block(bench: Bench, blocked: { send?: "arp" | "nd"; receive?: "arp" | "nd" }): void {
  const { send, receive } = blocked;
  bench.own.blocked = { send: send ? [send] : [], receive: receive ? [receive] : [] };
  bench.exchange.ownChanged();
}

describe("backup block send", () => {
  test("tells neither entries nor digests, whatever is asked for, and all in a new batch once it is over", () => {
    const bench = new Bench(MASTER, SLAVE);
    bench.learn(1);
    bench.sent();
    block(bench, { send: "arp" });
    bench.learn(2);
    bench.forget(1);
    bench.run(seconds(60));
    bench.hears("REFRESH", "000a 05 01");
    bench.exchange.refresh("arp");
    expect(bench.sent()).toEqual([]);
    block(bench, {});
    expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 2", "BATCH-END 1"]);
  });

  test("of another type changes nothing", () => {
    const bench = new Bench(MASTER, SLAVE);
    block(bench, { send: "nd", receive: "nd" });
    bench.learn(1);
    expect(bench.sent()).toEqual(["BATCH-BEGIN 1", "put 1", "BATCH-END 1"]);
  });

  test("does not end what the peer tells", () => {
    const bench = new Bench(SLAVE, MASTER);
    block(bench, { send: "arp" });
    bench.begin();
    bench.entries([record(7, 7)]);
    bench.end(1, sums([[7, 7]]));
    expect(bench.rows()).toEqual(["7 mac 7 copy"]);
  });
});

describe("backup block receive", () => {
  test("heeds and removes nothing, counts it, and asks for a batch once it is over", () => {
    const bench = new Bench(SLAVE, MASTER);
    bench.begin();
    bench.entries([record(7, 7)]);
    bench.end(1, sums([[7, 7]]));
    bench.begin(2);
    block(bench, { receive: "arp" });
    bench.entries([record(7, 8), record(9, 9)], 2);
    bench.end(2, sums([[7, 8]]), 2);
    bench.digest(5, sums([[9, 9]]), 2);
    expect(bench.rows()).toEqual(["7 mac 7 copy"]);
    expect(bench.own.ignored).toBe(3);
    expect(bench.sent()).toEqual([]);
    expect([...bench.exchange.troubles()]).toEqual([]);
    block(bench, {});
    expect(bench.sent()).toEqual(["REFRESH 1"]);
    bench.begin(3);
    bench.entries([record(9, 9)], 3);
    bench.end(1, sums([[9, 9]]), 3);
    expect(bench.rows()).toEqual(["9 mac 9 copy"]);
  });

  test("lets copies age, since their owner cannot delete them", () => {
    const { table } = new Bench(SLAVE, MASTER);
    const roles = new TableRoles();
    const role = { local: "slave", peer: "master", peerEpoch: 1, isActiveActive: false } as const;
    roles.follow({ ...role, unheard: [] }, [table]);
    expect(table.copiesAge).toBe(false);
    roles.follow({ ...role, unheard: [table] }, [table]);
    expect(table.copiesAge).toBe(true);
    roles.follow({ ...role, unheard: [] }, [table]);
    expect(table.copiesAge).toBe(false);
  });
});
