import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { NO_ROW } from "../../src/core/base/neighbours/change-list.js";
import { MARKS, NeighbourTable } from "../../src/core/base/neighbours/table.js";
import { NeighbourTables } from "../../src/core/base/neighbours/tables.js";

const MOST = 20;
const mac = fc.integer({ min: 1, max: 3 }).map((n) => n as Mac);
const key = fc.record({ vlans: fc.constantFrom(0, 10 * 65_536), host: fc.nat(15) });
const action = fc.oneof(
  fc.record({ kind: fc.constant("hear" as const), key, mac, mayAdd: fc.boolean() }),
  fc.record({ kind: fc.constant("copy" as const), key, mac, age: fc.nat(10) }),
  fc.record({ kind: fc.constantFrom("drop own" as const, "drop copy" as const), key }),
  fc.record({ kind: fc.constantFrom("claim" as const, "yield" as const, "restart" as const, "reinstall" as const) }),
  fc.record({ kind: fc.constant("take" as const), count: fc.nat(5) }),
);
type Key = { readonly vlans: number; readonly host: number };
type Act = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** What a table of maps would do. */
class Model {
  readonly entries = new Map<string, { own?: number; copy?: number; mac: Mac }>();

  hear(name: string, heardMac: Mac, now: number, room: boolean): void {
    const entry = this.entries.get(name);
    if (entry === undefined && !room) return;
    const copy = entry?.mac === heardMac ? entry.copy : undefined;
    this.entries.set(name, { own: now, mac: heardMac, ...(copy !== undefined && { copy }) });
  }

  copy(name: string, told: Mac, heard: number, room: boolean): void {
    const entry = this.entries.get(name);
    if (entry === undefined && !room) return;
    if (entry?.own === undefined || entry.mac === told) {
      this.entries.set(name, { ...entry, copy: heard, mac: told });
      return;
    }
    const later = heard - entry.own;
    const wins = Math.abs(later) > 2 ? later > 0 : told > entry.mac;
    if (wins) this.entries.set(name, { copy: heard, mac: told });
    else this.entries.set(name, { own: entry.own, mac: entry.mac });
  }

  drop(name: string, claim: "own" | "copy"): void {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    delete entry[claim];
    if (entry.own === undefined && entry.copy === undefined) this.entries.delete(name);
  }

  move(from: "own" | "copy", to: "own" | "copy"): void {
    for (const entry of this.entries.values()) {
      const moved = entry[from];
      if (moved === undefined) continue;
      entry[to] = Math.max(moved, entry[to] ?? moved);
      delete entry[from];
    }
  }
}

/** A table, its model, and a kernel and a peer that take the rows in pieces. */
class World {
  readonly budget = { most: MOST, used: 0, refused: 0 };
  readonly table: NeighbourTable;
  readonly model = new Model();
  readonly kernel = new Map<string, Mac>();
  readonly peer = new Map<string, Mac>();
  readonly cursors: { kernel: ReturnType<NeighbourTable["cursor"]>; peer: ReturnType<NeighbourTable["cursor"]> };
  #now = 1_000;

  readonly width: 4 | 16;

  constructor(width: 4 | 16) {
    this.width = width;
    this.table = new NeighbourTable(width, this.budget, 7);
    this.cursors = { kernel: this.table.cursor(), peer: this.table.cursor() };
  }

  octets = ({ host }: Key): Uint8Array => new Uint8Array(this.width).fill(host);
  name = ({ vlans, host }: Key): string => `${vlans} ${host}`;
  nameOf = (row: number): string => `${this.table.vlans(row)} ${this.table.addressAt(row)[0]}`;
  /** A row of the key, claimed or not, or room for one. */
  #room = (of: Key): boolean =>
    this.table.find(of.vlans, this.octets(of)) !== NO_ROW || this.budget.used < this.budget.most;

  do(act: Act): void {
    const { table, model } = this;
    this.#now++;
    if (act.kind === "hear") {
      const room = act.mayAdd && this.#room(act.key);
      model.hear(this.name(act.key), act.mac, this.#now, room);
      table.hear(act.key.vlans, this.octets(act.key), 0, { mac: act.mac, isRouter: false }, this.#now, act.mayAdd);
    } else if (act.kind === "copy") {
      model.copy(this.name(act.key), act.mac, this.#now - act.age, this.#room(act.key));
      table.copy(act.key.vlans, this.octets(act.key), 0, { mac: act.mac, isRouter: false }, this.#now - act.age);
    } else if (act.kind === "drop own" || act.kind === "drop copy") {
      model.drop(this.name(act.key), act.kind === "drop own" ? "own" : "copy");
      const row = table.find(act.key.vlans, this.octets(act.key));
      if (row === NO_ROW) return;
      if (act.kind === "drop own") table.dropOwn(row);
      else table.dropCopy(row);
    } else if (act.kind === "take") this.take(act.count);
    else this.#all(act.kind);
  }

  #all(kind: "claim" | "yield" | "restart" | "reinstall"): void {
    const { table, model, cursors } = this;
    if (kind === "claim") {
      model.move("copy", "own");
      table.claimCopies();
    } else if (kind === "yield") {
      model.move("own", "copy");
      table.yieldOwns();
    } else if (kind === "restart") cursors.peer.restart();
    else {
      this.kernel.clear();
      table.reinstall();
      cursors.kernel.restart();
    }
  }

  take(count: number): void {
    const { table, cursors, kernel, peer } = this;
    for (let n = 0; n < count; n++) {
      const row = cursors.kernel.next();
      if (row === NO_ROW) continue;
      if (table.hasClaim(row)) kernel.set(this.nameOf(row), table.mac(row));
      else kernel.delete(this.nameOf(row));
      if (table.hasClaim(row) ? !table.isCurrent(row) : table.has(row, MARKS.installed)) table.installed(row);
    }
    for (let n = 0; n < count; n++) {
      const row = cursors.peer.next();
      if (row === NO_ROW) continue;
      if (table.isOwn(row)) {
        peer.set(this.nameOf(row), table.mac(row));
        table.mark(row, MARKS.told);
      } else if (table.has(row, MARKS.told)) {
        peer.delete(this.nameOf(row));
        table.unmark(row, MARKS.told);
      }
    }
  }
}

test.each([4, 16] as const)(
  "a table with addresses of %d octets is a map with two claims, and its consumers end up equal",
  (width) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (acts) => {
        const world = new World(width);
        const { table, model } = world;
        for (const act of acts) {
          world.do(act);
          const rows = new Map<string, object>();
          for (let row = table.rowAfter(NO_ROW); row !== NO_ROW; row = table.rowAfter(row)) {
            expect(table.find(table.vlans(row), table.addressAt(row))).toBe(row);
            if (!table.hasClaim(row)) continue;
            rows.set(world.nameOf(row), {
              ...(table.isOwn(row) && { own: table.heard(row) }),
              ...(table.isCopy(row) && { copy: table.copyHeard(row) }),
              mac: table.mac(row),
            });
          }
          expect(rows).toEqual(model.entries);
          expect(table.count).toBe(rows.size);
          const claims = [...model.entries.values()];
          expect(table.owns).toBe(claims.filter(({ own }) => own !== undefined).length);
          expect(table.copies).toBe(claims.filter(({ copy }) => copy !== undefined).length);
          expect(world.budget.used).toBeLessThanOrEqual(MOST);
        }
        world.take(MOST);
        expect([world.cursors.kernel.isPending, world.cursors.peer.isPending]).toEqual([false, false]);
        const mine = [...model.entries].map(([name, entry]) => [name, entry.mac] as const);
        expect(world.kernel).toEqual(new Map(mine));
        expect(world.peer).toEqual(new Map(mine.filter(([name]) => model.entries.get(name)?.own !== undefined)));
        // What nobody claims has left no row behind.
        expect(world.budget.used).toBe(model.entries.size);
      }),
    );
  },
);

test("rows are met in the order of their last change, and a batch meets what changes meanwhile", () => {
  const table = new NeighbourTable(4, { most: 100, used: 0, refused: 0 }, 1);
  const cursor = table.cursor();
  const hear = (host: number, heardMac = 1): number =>
    table.hear(0, Uint8Array.of(10, 0, 0, host), 0, { mac: heardMac as Mac, isRouter: false }, 5);
  const rows = [1, 2, 3].map((host) => hear(host));
  const taken = (): number[] => {
    const all: number[] = [];
    for (let row = cursor.next(); row !== NO_ROW; row = cursor.next()) all.push(row);
    return all;
  };
  expect(taken()).toEqual(rows);
  hear(1);
  expect(taken()).toEqual([]);
  cursor.restart();
  expect(cursor.next()).toBe(rows[0]);
  hear(1, 9);
  hear(2, 9);
  hear(1, 8);
  expect(taken()).toEqual([rows[2], rows[1], rows[0]]);
  hear(3, 7);
  cursor.skip();
  expect(taken()).toEqual([]);
});

test("the limit holds for all tables of a service, and what found no room is counted", () => {
  const budget = { most: 3, used: 0, refused: 0 };
  const [one, other] = [new NeighbourTable(4, budget, 1), new NeighbourTable(4, budget, 1)];
  const host = { mac: 1 as Mac, isRouter: false };
  for (const n of [1, 2]) one.hear(0, Uint8Array.of(10, 0, 0, n), 0, host, 1);
  expect(other.copy(0, Uint8Array.of(10, 0, 1, 1), 0, host, 1)).not.toBe(NO_ROW);
  expect(other.hear(0, Uint8Array.of(10, 0, 1, 2), 0, host, 1)).toBe(NO_ROW);
  expect(budget).toEqual({ most: 3, used: 3, refused: 1 });
  one.dropOwn(one.find(0, Uint8Array.of(10, 0, 0, 1)));
  expect(other.hear(0, Uint8Array.of(10, 0, 1, 2), 0, host, 1)).not.toBe(NO_ROW);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Octets of typed arrays that something still holds. */
function heldOctets(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

test("100,000 hosts cost at most 160 octets each, and many that come and go none more", () => {
  const hosts = 100_000;
  const table = new NeighbourTable(16, { most: hosts, used: 0, refused: 0 }, 3);
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  const all = (act: (n: number) => void): void => {
    for (let n = 0; n < hosts; n++) {
      view.setUint32(12, n);
      act(n);
    }
  };
  const before = heldOctets();
  all((n) => table.hear(n % 7, octets, 0, { mac: n as Mac, isRouter: false }, n));
  expect(table.count).toBe(hosts);
  const octetsEach = (heldOctets() - before) / hosts;
  expect(octetsEach).toBeLessThan(160);
  all((n) => table.dropOwn(table.find(n % 7, octets)));
  expect(table.count).toBe(0);
  const emptied = heldOctets();
  all((n) => table.hear(n % 5, octets, 0, { mac: n as Mac, isRouter: false }, n));
  expect(table.count).toBe(hosts);
  expect(heldOctets()).toBeLessThanOrEqual(emptied);
});

test("a profile keeps its table; one that is wanted no more ends its entries, and is forgotten when the kernel has none left", () => {
  const tables = new NeighbourTables(5);
  const wanted = { profile: "rbp1", trunk: 1, service: "arp" } as const;
  tables.set([wanted]);
  const table = tables.of("rbp1", "arp")!;
  const row = table.hear(0, Uint8Array.of(10, 0, 0, 1), 0, { mac: 1 as Mac, isRouter: false }, 1);
  table.installed(row);
  tables.set([wanted, { ...wanted, profile: "rbp2" }]);
  expect(tables.of("rbp1", "arp")).toBe(table);
  tables.set([{ ...wanted, trunk: 2 }]);
  expect(tables.of("rbp1", "arp")).not.toBe(table);
  tables.sweep();
  expect([table.count, tables.ending.map((each) => each.table)]).toEqual([0, [table]]);
  tables.set([wanted]);
  expect([tables.of("rbp1", "arp"), tables.ending.length]).toEqual([table, 1]);
  tables.set([]);
  expect(tables.of("rbp1", "arp")).toBeUndefined();
  table.installed(row);
  tables.sweep();
  expect([tables.ending, tables.budget("arp").used]).toEqual([[], 0]);
});
