import type { Mac } from "../address.js";
import { ChangeList, type Cursor, NO_ROW } from "./change-list.js";
import { KeyIndex } from "./key-index.js";

/** Marks of a row. A row lives while one of them stands. */
export const MARKS = {
  /** This PE heard the host. */
  own: 1,
  /** The peer did, and told. */
  copy: 2,
  /** The kernel was given the entry. */
  installed: 4,
  /** The peer was told of it in this connection. */
  told: 8,
  /** The peer's digest counts it. */
  received: 16,
  /** The peer told another MAC address, which lost: it is to be told of the row once more. */
  contested: 32,
} as const;
const CLAIMS = MARKS.own | MARKS.copy;
const ALL = 0x1f;
/** Beside the marks: what the kernel was given is what the row says. */
const CURRENT = 0x40;
/** Beside the marks: the host is a router (RFC 4861 4.4). */
const ROUTER = 0x80;
const FIRST_CAPACITY = 64;
/** Seconds by which two times of hearing must differ to say which is later: both ends round, and records wait in the stream. */
const MARGIN = 2;

/** What is known of a host beside its address. */
export interface Host {
  readonly mac: Mac;
  /** Of ND entries. */
  readonly isRouter: boolean;
}

/** How many rows a service may have in all its tables, and how many it has. */
export interface Budget {
  readonly most: number;
  used: number;
  /** Entries that found no room. */
  refused: number;
}

type Column = Uint8Array | Uint32Array | Int32Array | Float64Array;

function longer<C extends Column>(column: C, length: number): C {
  const longer = new (column.constructor as new (length: number) => C)(length);
  longer.set(column);
  return longer;
}

/**
 * The hosts behind a trunk by VLAN and address, of one service: ARP or ND entries. One row holds what this PE and its peer know of a
 * host: one content, and each claim to it as a mark. Rows live in typed arrays, and in a list in the order of their last change, which is
 * the queue of kernel and peer (change-list.ts). VLANs are outer * 65,536 + inner, 0 for none; times are whole seconds of the clock.
 */
export class NeighbourTable {
  /** Octets of an address: 4 or 16. */
  readonly width: 4 | 16;
  readonly #budget: Budget;
  readonly #seed: number;
  readonly #list = new ChangeList();
  readonly #index: KeyIndex;
  #capacity = 0;
  /** Rows that were never used begin here. */
  #unused = 0;
  readonly #free: number[] = [];
  #counts = { own: 0, copy: 0, both: 0 };

  #octets = new Uint8Array(0);
  #vlans = new Uint32Array(0);
  #macs = new Float64Array(0);
  #marks = new Uint8Array(0);
  #heard = new Int32Array(0);
  #copyHeard = new Int32Array(0);
  /** What the kernel had of the process before is known: what is not in the table has ended. */
  isRestored = false;
  /** Entries that it had. */
  adopted = 0;
  /** Copies age: false while their owner is heard. */
  copiesAge = true;
  /** Nothing ages out before this time. */
  ageFrom = 0;
  /** Of ageing (core/neighbours/ageing.ts): probes without an answer, and when the last one left. */
  probes = new Uint8Array(0);
  probedAt = new Int32Array(0);
  /** Of the peer (core/rbs): hashes as written and as received, two words a row, and the batch that a row was seen in. */
  sent = new Uint32Array(0);
  received = new Uint32Array(0);
  generation = new Uint32Array(0);

  /** `seed`: of the hash of keys, so that nobody can choose addresses that meet in one slot. */
  constructor(width: 4 | 16, budget: Budget, seed: number) {
    this.width = width;
    this.#budget = budget;
    this.#seed = seed;
    this.#index = new KeyIndex({ hashOf: (row) => this.#hash(this.vlans(row), this.#octets, row * width) });
  }

  // Reading.

  /** Rows with a claim; rows with each claim. */
  get count(): number {
    return this.#counts.own + this.#counts.copy - this.#counts.both;
  }
  get owns(): number {
    return this.#counts.own;
  }
  get copies(): number {
    return this.#counts.copy;
  }

  /** NO_ROW where there is none; `octets` holds the address from `at` on. */
  find(vlans: number, octets: Uint8Array, at = 0): number {
    const { width } = this;
    return this.#index.find(this.#hash(vlans, octets, at), (row) => {
      if (this.#vlans[row] !== vlans) return false;
      for (let n = 0; n < width; n++) if (this.#octets[row * width + n] !== octets[at + n]) return false;
      return true;
    });
  }

  /** A view of its octets, valid until the table changes. */
  addressAt(row: number): Uint8Array {
    return this.#octets.subarray(row * this.width, (row + 1) * this.width);
  }
  vlans(row: number): number {
    return this.#vlans[row] as number;
  }
  mac(row: number): Mac {
    return this.#macs[row] as Mac;
  }
  isRouter(row: number): boolean {
    return this.has(row, ROUTER);
  }
  /** When this PE heard the host. */
  heard(row: number): number {
    return this.#heard[row] as number;
  }
  /** When the peer did. */
  copyHeard(row: number): number {
    return this.#copyHeard[row] as number;
  }
  /** One of these marks stands. */
  has(row: number, marks: number): boolean {
    return ((this.#marks[row] as number) & marks) !== 0;
  }
  isOwn(row: number): boolean {
    return this.has(row, MARKS.own);
  }
  isCopy(row: number): boolean {
    return this.has(row, MARKS.copy);
  }
  hasClaim(row: number): boolean {
    return this.has(row, CLAIMS);
  }
  /** The kernel was given what the row says. */
  isCurrent(row: number): boolean {
    return this.has(row, CURRENT);
  }

  /** The rows by their numbers: the one behind `row`, the first behind NO_ROW. */
  rowAfter(row: number): number {
    for (let next = row + 1; next < this.#unused; next++) if (this.#marks[next] !== 0) return next;
    return NO_ROW;
  }

  cursor(): Cursor {
    return this.#list.cursor();
  }

  // What this PE heard.

  /**
   * The host was heard here, which is the newest there is: a copy with another MAC address loses its claim. An unknown host is added where
   * `mayAdd` says so. NO_ROW where there is none, or no room.
   */
  hear(vlans: number, octets: Uint8Array, at: number, host: Host, now: number, mayAdd = true): number {
    let row = this.find(vlans, octets, at);
    if (row === NO_ROW && mayAdd) row = this.#add(vlans, octets, at);
    if (row === NO_ROW || !(mayAdd || this.hasClaim(row))) return NO_ROW;
    this.#heard[row] = now;
    this.probes[row] = 0;
    const isNew = !this.isOwn(row);
    if (this.mac(row) !== host.mac) this.#clear(row, MARKS.copy);
    const changes = this.#replace(row, host);
    this.#set(row, MARKS.own);
    if (isNew || changes) this.#list.touch(row);
    return row;
  }

  /** The claim of this PE ends. */
  dropOwn(row: number): void {
    this.#drop(row, MARKS.own);
  }

  // What the peer told.

  /**
   * The peer heard the host at `heard`. Where it knows another MAC address than this PE heard, the later one stands: either our claim
   * is gone, or the peer's. NO_ROW: no room.
   */
  copy(vlans: number, octets: Uint8Array, at: number, host: Host, heard: number): number {
    const known = this.find(vlans, octets, at);
    const row = known === NO_ROW ? this.#add(vlans, octets, at) : known;
    if (row === NO_ROW) return row;
    const rivals = this.isOwn(row) && this.mac(row) !== host.mac;
    if (rivals && !this.#loses(row, host.mac, heard)) {
      // Who lost by the greater address alone may have heard its own after it was told of ours.
      if (Math.abs(heard - this.heard(row)) <= MARGIN) {
        this.#set(row, MARKS.contested);
        this.#list.touch(row);
      }
      this.#drop(row, MARKS.copy);
      return row;
    }
    if (rivals) this.#clear(row, MARKS.own);
    this.#copyHeard[row] = heard;
    const isNew = !this.isCopy(row);
    const changes = this.#replace(row, host);
    this.#set(row, MARKS.copy);
    if (isNew || changes) this.#list.touch(row);
    return row;
  }

  /** Heard last wins. Within the margin it is the greater MAC address, so that the two ends do not both give in. */
  #loses(row: number, mac: Mac, heard: number): boolean {
    const later = heard - this.heard(row);
    return Math.abs(later) > MARGIN ? later > 0 : mac > this.mac(row);
  }

  /** The claim of the peer ends. */
  dropCopy(row: number): void {
    this.#drop(row, MARKS.copy);
  }

  /** Takeover: what the peer heard is from now on what this PE knows. */
  claimCopies(): void {
    for (let row = this.rowAfter(NO_ROW); row !== NO_ROW; row = this.rowAfter(row))
      if (this.isCopy(row)) {
        if (!this.isOwn(row) || this.copyHeard(row) > this.heard(row)) this.#heard[row] = this.copyHeard(row);
        this.#set(row, MARKS.own);
        this.#clear(row, MARKS.copy);
        this.#list.touch(row);
      }
  }

  /** The reverse: the peer knows from now on, until it says otherwise. */
  yieldOwns(): void {
    for (let row = this.rowAfter(NO_ROW); row !== NO_ROW; row = this.rowAfter(row))
      if (this.isOwn(row)) {
        if (!this.isCopy(row) || this.heard(row) > this.copyHeard(row)) this.#copyHeard[row] = this.heard(row);
        this.#set(row, MARKS.copy);
        this.#clear(row, MARKS.own);
        this.#list.touch(row);
      }
  }

  // Marks of kernel and peer.

  mark(row: number, marks: number): void {
    this.#set(row, marks);
  }

  /** The kernel is given what the row says: the entry, or where there is no claim any more that it is to go. */
  installed(row: number): void {
    if (this.hasClaim(row)) this.#set(row, MARKS.installed | CURRENT);
    else this.unmark(row, MARKS.installed);
  }

  /** What the kernel has is not known any more: it is given all of it again. */
  reinstall(): void {
    for (let row = this.rowAfter(NO_ROW); row !== NO_ROW; row = this.rowAfter(row)) this.#clear(row, CURRENT);
  }

  /** Takes marks away; a row without any is gone. */
  unmark(row: number, marks: number): void {
    this.#clear(row, marks);
    if (this.has(row, ALL)) return;
    this.#list.remove(row);
    this.#index.remove(row);
    this.#marks[row] = 0;
    this.#free.push(row);
    this.#budget.used--;
  }

  unmarkAll(marks: number): void {
    for (let row = this.rowAfter(NO_ROW); row !== NO_ROW; row = this.rowAfter(row))
      if (this.has(row, marks)) this.unmark(row, marks);
  }

  // Rows.

  #drop(row: number, claim: number): void {
    if (!this.has(row, claim)) return;
    this.#clear(row, claim);
    this.#list.touch(row);
    this.unmark(row, 0);
  }

  #set(row: number, marks: number): void {
    this.#count(row, -1);
    this.#marks[row] = (this.#marks[row] as number) | marks;
    this.#count(row, 1);
  }

  #clear(row: number, marks: number): void {
    this.#count(row, -1);
    this.#marks[row] = (this.#marks[row] as number) & ~marks;
    this.#count(row, 1);
  }

  #count(row: number, by: 1 | -1): void {
    const claims = (this.#marks[row] as number) & CLAIMS;
    if ((claims & MARKS.own) !== 0) this.#counts.own += by;
    if ((claims & MARKS.copy) !== 0) this.#counts.copy += by;
    if (claims === CLAIMS) this.#counts.both += by;
  }

  /** The host is now this; true where it was another, which the kernel still has. */
  #replace(row: number, { mac, isRouter }: Host): boolean {
    if (this.mac(row) === mac && this.isRouter(row) === isRouter) return false;
    this.#macs[row] = mac;
    const others = (this.#marks[row] as number) & ~(ROUTER | CURRENT);
    this.#marks[row] = isRouter ? others | ROUTER : others;
    return true;
  }

  #add(vlans: number, octets: Uint8Array, at: number): number {
    if (this.#budget.used >= this.#budget.most) {
      this.#budget.refused++;
      return NO_ROW;
    }
    this.#budget.used++;
    let row = this.#free.pop();
    if (row === undefined) {
      if (this.#unused === this.#capacity) this.#grow();
      row = this.#unused++;
    }
    const { width } = this;
    for (let n = 0; n < width; n++) this.#octets[row * width + n] = octets[at + n] as number;
    this.#vlans[row] = vlans;
    this.#macs[row] = 0;
    this.#marks[row] = 0;
    this.probes[row] = 0;
    this.sent.fill(0, 2 * row, 2 * row + 2);
    this.received.fill(0, 2 * row, 2 * row + 2);
    this.generation[row] = 0;
    this.#index.add(row);
    return row;
  }

  #grow(): void {
    const length = Math.max(FIRST_CAPACITY, 2 * this.#capacity);
    this.#octets = longer(this.#octets, length * this.width);
    this.#vlans = longer(this.#vlans, length);
    this.#macs = longer(this.#macs, length);
    this.#marks = longer(this.#marks, length);
    this.#heard = longer(this.#heard, length);
    this.#copyHeard = longer(this.#copyHeard, length);
    this.probes = longer(this.probes, length);
    this.probedAt = longer(this.probedAt, length);
    this.sent = longer(this.sent, 2 * length);
    this.received = longer(this.received, 2 * length);
    this.generation = longer(this.generation, length);
    this.#list.grow(length);
    // No row is free where it grows.
    this.#index.grow(length, Array(this.#unused).keys());
    this.#capacity = length;
  }

  #hash(vlans: number, octets: Uint8Array, at: number): number {
    let hash = Math.imul(vlans ^ this.#seed, 0x85ebca6b);
    for (let n = 0; n < this.width; n++) hash = Math.imul(hash ^ (octets[at + n] as number), 0x01000193);
    // The low bits find the slot: those of a product depend on low bits only.
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) >>> 3;
  }
}
