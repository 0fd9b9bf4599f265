import { NO_ROW } from "../base/neighbours/change-list.js";
import type { NeighbourTable } from "../base/neighbours/table.js";
import { type Micros, millis, NEVER, seconds, secondsOf } from "../base/time.js";
import { EXPIRE_TIME, type Segment } from "./segment.js";

/** Unicast probes without an answer after which a host is gone (RFC 4861 10, RFC 1122 2.3.2.1), a second apart. */
const PROBES = 3;
/** In place of a number of probes: the host is to be asked now. */
const DUE = 0xff;
/** Probes of one burst, and the time between two: below 1,000 in any second. */
const BURST = 45;
const PROBE_PACE = millis(50);
/** Rows looked at in one go. */
const MOST_ROWS = 20_000;
/** Seconds after which all rows are looked at again: no expire time is shorter. */
const LONGEST_WAIT = 60;
const NEVER_DUE = Number.POSITIVE_INFINITY;

/** What ageing is done with. */
export interface AgeingWorld {
  /** The interface of a row; undefined where this PE has none with its VLAN. */
  segmentOf(vlans: number): Segment | undefined;
  /** The trunk carries, so hosts can be asked. */
  readonly carries: boolean;
  /** Sends a unicast probe; false where no address of ours is in the host's network. */
  probe(segment: Segment, row: number): boolean;
}

/**
 * Ageing of one table: a host that has not been heard for the expire time of its interface is asked three times, and then its entry is
 * gone. While the trunk does not carry nobody can be asked, so own entries wait; a copy that ages then goes without being asked.
 */
export class TableAgeing {
  readonly #table: NeighbourTable;
  /** The row before the next one to look at, and when to go on. */
  #position = NO_ROW;
  #at: Micros = 0 as Micros;
  /** The earliest time in seconds at which a row that was looked at is due. */
  #next = NEVER_DUE;
  expired = 0;

  constructor(table: NeighbourTable) {
    this.#table = table;
  }

  /** Something may be due now that was not. */
  wake(now: Micros): void {
    if (now < this.#at) this.#at = now;
    this.#next = 0;
  }

  /** The table has entries again. */
  begin(now: Micros): void {
    if (this.#at === NEVER && this.#table.count > 0) this.#at = seconds(secondsOf(now) + 1);
  }

  /** All hosts are to be asked, of these VLANs or of all. */
  probeAll(now: Micros, isMeant: (vlans: number) => boolean): void {
    const table = this.#table;
    for (let row = table.rowAfter(NO_ROW); row !== NO_ROW; row = table.rowAfter(row))
      if (table.isOwn(row) && table.probes[row] === 0 && isMeant(table.vlans(row))) table.probes[row] = DUE;
    this.wake(now);
  }

  nextDeadline(): Micros {
    return this.#at;
  }

  /** Does what is due, a part of it at once. True where probes were sent. */
  run(now: Micros, world: AgeingWorld): boolean {
    if (now < this.#at) return false;
    const table = this.#table;
    let sent = 0;
    let looked = 0;
    let row = table.rowAfter(this.#position);
    for (; row !== NO_ROW && sent < BURST && looked < MOST_ROWS; row = table.rowAfter(row), looked++) {
      this.#position = row;
      if (table.hasClaim(row) && this.#age(row, secondsOf(now), world)) sent++;
    }
    if (row === NO_ROW) this.#finish(now);
    else this.#at = sent < BURST ? now : ((now + PROBE_PACE) as Micros);
    return sent > 0;
  }

  #finish(now: Micros): void {
    this.#position = NO_ROW;
    const second = secondsOf(now);
    const next = Math.min(Math.max(this.#next, second + 1), second + LONGEST_WAIT);
    this.#at = this.#table.count === 0 ? NEVER : seconds(next);
    this.#next = NEVER_DUE;
  }

  /** True where a probe was sent. */
  #age(row: number, now: number, world: AgeingWorld): boolean {
    const table = this.#table;
    const segment = world.segmentOf(table.vlans(row));
    const due = this.#dueAt(row, segment);
    if (due > now) {
      this.#next = Math.min(this.#next, due);
      return false;
    }
    const probes = table.probes[row] as number;
    if (!world.carries && table.isOwn(row)) return false;
    const canAsk = world.carries && segment !== undefined && (probes === DUE || probes < PROBES);
    if (canAsk && world.probe(segment, row)) {
      table.probes[row] = probes === DUE ? 1 : probes + 1;
      table.probedAt[row] = now;
      this.#next = Math.min(this.#next, now + 1);
      return true;
    }
    this.expired++;
    table.dropCopy(row);
    table.dropOwn(row);
    return false;
  }

  #dueAt(row: number, segment: Segment | undefined): number {
    const table = this.#table;
    const probes = table.probes[row] as number;
    if (probes === DUE) return 0;
    if (probes > 0) return (table.probedAt[row] as number) + 1;
    const expireTime = segment?.expireTime ?? EXPIRE_TIME;
    if (table.isOwn(row)) return Math.max(table.heard(row) + expireTime, table.ageFrom);
    return table.copiesAge ? Math.max(table.copyHeard(row) + expireTime, table.ageFrom) : NEVER_DUE;
  }
}
