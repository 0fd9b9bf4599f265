// The exchange of one table and its peer, as messages built by the tables of formats/rbs.md.
import { expect } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import { NeighbourTable } from "../../../src/core/base/neighbours/table.js";
import { later, type Micros, seconds } from "../../../src/core/base/time.js";
import { EntryExchange } from "../../../src/core/rbs/exchange.js";
import { OwnSide } from "../../../src/core/rbs/own-side.js";
import { hashOf } from "../../../src/core/rbs/table-digest.js";
import { Wholeness } from "../../../src/core/rbs/wholeness.js";
import type { RbsProfile } from "../../../src/core/wire/rbs/bodies.js";
import { LONGEST_RBS_MESSAGE, RbsView } from "../../../src/core/wire/rbs/message.js";
import { RbsWriter } from "../../../src/core/wire/rbs/writer.js";
import { entriesBody, rbsMessage, recordHex } from "../../support/rbs-messages.js";

const PROFILE: RbsProfile = {
  ...{ backupId: 10, state: 2, mode: 1, etrunk: 1, trunk: 1, remoteTrunk: 3, workMode: 0, services: [5] },
};
export const [INIT, SLAVE, MASTER] = [0, 1, 2];
export const START = seconds(10_000);
export const VLANS = 10 * 65_536;

export const octetsOf = (last: number): Uint8Array => Uint8Array.of(192, 0, 2, last);
const macOf = (n: number): Mac => (0x0200_0000_0000 + n) as Mac;
const hex = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, "0");

/** A record of the peer's Eth-Trunk 3. */
export const record = (last: number, mac: number, { operation = 1, trunk = 3, since = 5 } = {}): string =>
  recordHex(
    `${hex(trunk, 2)} 000a 0000 0000 c00002${hex(last, 1)} ${hex(macOf(mac), 6)} 0000 ${hex(since, 4)}`,
    operation,
  );

/** The sums of these entries of the peer, as 16 hexadecimal digits. */
export function sums(entries: readonly (readonly [last: number, mac: number])[]): string {
  let [one, two] = [0, 0];
  for (const [last, mac] of entries) {
    const octets = octetsOf(last);
    const hashed = {
      service: 5,
      trunk: 3,
      vlans: VLANS,
      octets,
      at: 0,
      width: 4,
      mac: macOf(mac),
      isRouter: false,
    } as const;
    const [first, second] = hashOf(hashed);
    one = (one + first) >>> 0;
    two = (two + second) >>> 0;
  }
  return hex(one, 4) + hex(two, 4);
}

/** The exchange of one table, its clock, and what it sends. */
export class Bench {
  now: Micros = START;
  readonly table: NeighbourTable;
  readonly own: OwnSide;
  readonly exchange: EntryExchange;
  readonly #octets = new DataView(new ArrayBuffer(LONGEST_RBS_MESSAGE));
  readonly #writer = new RbsWriter(this.#octets);
  #sequence = 0;

  /** States of this end and of the peer. */
  constructor(own: number, peer: number, { most = 100, isRestored = true, hasListened = true } = {}) {
    this.table = new NeighbourTable(4, { most, used: 0, refused: 0 }, 1);
    this.table.isRestored = isRestored;
    const wholeness = new Wholeness();
    if (hasListened) wholeness.learned(this.table, START);
    else wholeness.begins(this.table, START);
    this.own = new OwnSide(7, { wholeness, of: () => this.table });
    this.own.set([{ ...PROFILE, state: own }]);
    this.exchange = new EntryExchange(this.own, START);
    this.peer(peer);
  }

  peer(state: number): void {
    this.exchange.peerChanged(new Map([[10, { ...PROFILE, trunk: 3, remoteTrunk: 1, state }]]));
  }
  /** PROFILE-STATE came. */
  peerState(state: number): void {
    this.exchange.peerStateChanged({ ...PROFILE, trunk: 3, remoteTrunk: 1, state });
  }
  become(state: number): void {
    this.own.set([{ ...PROFILE, state }]);
    this.exchange.ownChanged();
  }

  learn(last: number, mac = last): void {
    this.table.hear(VLANS, octetsOf(last), 0, { mac: macOf(mac), isRouter: false }, this.now / 1e6);
  }
  forget(last: number): void {
    this.table.dropOwn(this.table.find(VLANS, octetsOf(last)));
  }

  /** What is due: `BATCH-BEGIN 1`, `put 7`, `delete 7`, `DIGEST 2`. */
  sent(): string[] {
    const all: string[] = [];
    for (;;) {
      const length = this.exchange.write(this.#writer, ++this.#sequence, this.now);
      if (length === 0) return all;
      const view = new RbsView().wrap(this.#octets, 0, length);
      expect(view.fault()).toBeUndefined();
      const { body } = view;
      if (body?.kind === "ENTRIES")
        for (const each of body.records ?? [])
          all.push(
            `${each.operation} ${each.kind === "host" ? each.address.octets.at(-1) : ""}${body.inBatch ? "" : " now"}`,
          );
      else if (body?.kind === "REFRESH") all.push(`REFRESH ${body.reason}`);
      else if (body !== undefined) all.push(`${body.kind} ${"entries" in body ? body.entries : ""}`);
    }
  }

  hears(type: Parameters<typeof rbsMessage>[0], body: string): void {
    const octets = rbsMessage(type, 1, body);
    const view = new RbsView().wrap(new DataView(octets.buffer), 0, octets.length);
    expect(view.fault()).toBeUndefined();
    if (view.body !== undefined) this.exchange.heed(view.body, this.now);
  }
  begin = (generation = 1) => this.hears("BATCH-BEGIN", `000a0500${hex(generation, 4)}00000001`);
  entries = (records: readonly string[], generation = 1) =>
    this.hears("ENTRIES", entriesBody(5, records).replace("00000002", hex(generation, 4)));
  end = (entries: number, digest: string, generation = 1) =>
    this.hears("BATCH-END", `000a0500${hex(generation, 4)}${hex(entries, 4)}${digest}`);
  digest = (entries: number, digest: string, generation = 1) =>
    this.hears("DIGEST", `000a0500${hex(generation, 4)}${hex(entries, 4)}${digest}`);

  run(time: Micros): void {
    this.now = later(this.now, time);
    this.exchange.expire(this.now);
  }

  /** `7 mac 7 copy`. */
  rows(): string[] {
    const rows: string[] = [];
    const { table } = this;
    for (let row = table.rowAfter(-1); row >= 0; row = table.rowAfter(row)) {
      const claims = [table.isOwn(row) && "own", table.isCopy(row) && "copy"].filter(Boolean);
      rows.push(`${table.addressAt(row)[3]} mac ${table.mac(row) - macOf(0)} ${claims.join("+")}`);
    }
    return rows;
  }
  get received() {
    return this.own.countersOf(10, "arp").received;
  }
}
