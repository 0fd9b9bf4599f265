import type { Mac } from "../../../src/core/base/address.js";
import { MARKS, type NeighbourTable } from "../../../src/core/base/neighbours/table.js";
import { NEIGHBOUR_WIDTHS, type NeighbourService, NeighbourTables } from "../../../src/core/base/neighbours/tables.js";
import type { StreamEndpoint } from "../../../src/core/base/protocol.js";
import type { Random } from "../../../src/core/base/random.js";
import { type Micros, micros, millis } from "../../../src/core/base/time.js";
import { OwnSide } from "../../../src/core/rbs/own-side.js";
import { RbsService } from "../../../src/core/rbs/service.js";
import { TableRoles } from "../../../src/core/rbs/table-roles.js";
import { Wholeness } from "../../../src/core/rbs/wholeness.js";
import { LONGEST_RBS_MESSAGE } from "../../../src/core/wire/rbs/message.js";
import { PROFILE_STATES, type ProfileState } from "../../../src/core/wire/rbs/names.js";
import { RbsWriter } from "../../../src/core/wire/rbs/writer.js";
import { address } from "../etrunk/etrunk-pair.js";

const SERVICES: readonly NeighbourService[] = ["arp", "nd"];
const CODES = { arp: 5, nd: 32 };
const PROFILE = "profile1";
const STEP = millis(20);
/** Octets that the machine takes before the peer reads. */
const WINDOW = 64 * 1024;

/** ENTRIES, BATCH-END and DIGEST. */
const CORRUPTIBLE = [5, 6, 9];

const ADDRESSES = [address("192.0.2.1"), address("192.0.2.2")] as const;

const secondsOf = (now: Micros): number => Math.floor(now / 1e6);

/** A host as tests name it. */
export interface TestHost {
  readonly service: NeighbourService;
  readonly vlans: number;
  readonly number: number;
}

function octetsOf({ service, number }: TestHost): Uint8Array {
  const octets = new Uint8Array(NEIGHBOUR_WIDTHS[service]);
  new DataView(octets.buffer).setUint32(octets.length - 4, 0xc000_0000 + number);
  return octets;
}

/** One PE: its tables, its service, and what its E-Trunk makes of it. */
export class TableEnd {
  readonly place: 0 | 1;
  tables: NeighbourTables;
  service: RbsService;
  roles = new TableRoles();
  own: OwnSide;
  local: ProfileState = "init";
  /** It reads, and does nothing with it. */
  isDeaf = false;
  readonly #random: Random;
  readonly #most: number;
  readonly #wholeness = new Wholeness();

  constructor(place: 0 | 1, random: Random, most: number) {
    this.place = place;
    this.#random = random;
    this.#most = most;
    this.tables = this.#newTables(micros(0));
    this.own = this.#newOwn(1);
    this.service = this.#newService();
  }

  #newTables(now: Micros): NeighbourTables {
    const tables = new NeighbourTables(7, this.#most);
    tables.set(SERVICES.map((service) => ({ profile: PROFILE, trunk: 1, service })));
    for (const { table } of tables.all()) {
      table.isRestored = true;
      this.#wholeness.begins(table, now);
    }
    return tables;
  }

  #newOwn(epoch: number): OwnSide {
    return new OwnSide(epoch, {
      wholeness: this.#wholeness,
      of: (_, service) => this.tables.of(PROFILE, service),
    });
  }

  #newService(): RbsService {
    const [source, peer] = this.place === 0 ? ADDRESSES : [ADDRESSES[1], ADDRESSES[0]];
    const endpoint: StreamEndpoint = { source, peer, port: 1_025 };
    const desired = {
      name: "service1",
      endpoint,
      shutdown: false,
      track: undefined,
      blocked: { send: [], receive: [] },
    };
    const service = new RbsService(1, desired, this.own, this.#random);
    service.sourceChanged(true, micros(0));
    return service;
  }

  /** The process is killed and begins anew: the kernel's entries are adopted as own, unless it lost them. */
  restart(keeps: boolean, now: Micros): void {
    const before = this.tables;
    this.tables = this.#newTables(now);
    for (const service of SERVICES) {
      const [old, table] = [before.of(PROFILE, service), this.table(service)];
      for (let row = old?.rowAfter(-1) ?? -1; keeps && old && row >= 0; row = old.rowAfter(row))
        if (old.hasClaim(row)) {
          table.hear(old.vlans(row), old.addressAt(row), 0, { mac: old.mac(row), isRouter: old.isRouter(row) }, 0);
          table.adopted++;
        }
    }
    this.own = this.#newOwn(this.own.epoch + 1);
    this.service = this.#newService();
    this.roles = new TableRoles();
    this.local = "init";
    this.isDeaf = false;
  }

  table(service: NeighbourService): NeighbourTable {
    return this.tables.of(PROFILE, service) as NeighbourTable;
  }

  hear(host: TestHost, mac: number, now: Micros): void {
    const isRouter = host.service === "nd" && host.number % 3 === 0;
    this.table(host.service).hear(host.vlans, octetsOf(host), 0, { mac: mac as Mac, isRouter }, secondsOf(now));
  }

  lose(host: TestHost): void {
    const table = this.table(host.service);
    const row = table.find(host.vlans, octetsOf(host));
    if (row >= 0) table.dropOwn(row);
  }

  get peerState(): ProfileState | null {
    const profile = this.service.peer?.profiles.get(10);
    return profile === undefined ? null : (PROFILE_STATES[profile.state] ?? null);
  }

  settle(isActiveActive: boolean, now: Micros): void {
    const profile = { backupId: 10, mode: 1, etrunk: 1, trunk: 1, remoteTrunk: 1, workMode: isActiveActive ? 1 : 0 };
    const state = PROFILE_STATES.indexOf(this.local);
    this.own.set([{ ...profile, state, services: SERVICES.map((service) => CODES[service]) }]);
    if (this.service.nextDeadline() <= now) this.service.expire(now);
    this.service.settle(now);
    while (this.service.nextEvent() !== undefined);
    this.roles.follow(
      {
        local: this.local,
        peer: this.peerState,
        peerEpoch: this.service.peer?.epoch ?? null,
        isActiveActive,
        unheard: [],
      },
      SERVICES.map((service) => this.table(service)),
    );
  }

  isWhole(now: Micros): boolean {
    return SERVICES.every((service) => this.#wholeness.isWhole(this.table(service), now));
  }

  /** Entries with a claim: `arp 10 c0000001 aabbccddeeff`. */
  entries(): string[] {
    return SERVICES.flatMap((service) => {
      const table = this.table(service);
      const lines: string[] = [];
      for (let row = table.rowAfter(-1); row >= 0; row = table.rowAfter(row))
        if (table.hasClaim(row)) lines.push(`${service} ${lineOf(table, row)}`);
      return lines;
    }).sort();
  }

  /** Rows that stand for nothing but what was once told. */
  leftovers(): number {
    let rows = 0;
    for (const { table } of this.tables.all())
      for (let row = table.rowAfter(-1); row >= 0; row = table.rowAfter(row))
        if (!table.hasClaim(row) && !table.has(row, MARKS.received)) rows++;
    return rows;
  }
}

const lineOf = (table: NeighbourTable, row: number): string =>
  [
    table.vlans(row).toString(16),
    Buffer.from(table.addressAt(row)).toString("hex"),
    table.mac(row).toString(16),
    table.isRouter(row) ? "router" : "host",
  ].join(" ");

interface Pipe {
  readonly ids: readonly [number, number];
  /** Octets on their way to each end. */
  readonly to: readonly [Uint8Array[], Uint8Array[]];
  readonly isBlocked: [boolean, boolean];
}

/** Two PEs whose services are joined by octets in order, cut anywhere. Time goes in steps. */
export class TablePair {
  now: Micros = micros(1_000_000_000);
  readonly ends: readonly [TableEnd, TableEnd];
  readonly random: Random;
  isActiveActive = false;
  /** No octet passes, and nobody connects. */
  isCut = false;
  /** In the next digest or entry that arrives at this end one of the last eight octets is another: sums, MAC address, time. */
  corrupts: 0 | 1 | undefined;
  /** Most octets that waited for an ACK. */
  mostUnacknowledged = 0;
  #pipe: Pipe | undefined;
  #newest = 0;
  readonly #listens = [false, false];
  readonly #out = new DataView(new ArrayBuffer(LONGEST_RBS_MESSAGE));
  readonly #writer = new RbsWriter(this.#out);

  constructor(random: Random, most = 100_000) {
    this.random = random;
    this.ends = [new TableEnd(0, random, most), new TableEnd(1, random, most)];
  }

  get isConnected(): boolean {
    return this.ends.every(({ service }) => service.state === "connected");
  }

  run(time: Micros): void {
    const end = this.now + time;
    while (this.now < end) {
      const due = this.ends.reduce((least, { service }) => Math.min(least, service.nextDeadline()), end);
      this.now = micros(Math.max(this.now + STEP, this.#isQuiet ? Math.min(end, due) : 0));
      this.step();
    }
  }

  /** Nothing is underway, so that time may go on to the next deadline. */
  get #isQuiet(): boolean {
    return this.#pipe === undefined || this.#pipe.to.every((octets) => octets.length === 0);
  }

  step(): void {
    this.#deliver();
    for (const end of this.ends) {
      if (end.isDeaf) continue;
      end.settle(this.isActiveActive, this.now);
      this.#serve(end);
      end.service.write(this.#writer, (_, length) => this.#send(end.place, length), this.now);
      this.mostUnacknowledged = Math.max(this.mostUnacknowledged, end.service.unacknowledged);
    }
  }

  #serve({ service, place }: TableEnd): void {
    for (let request = service.nextRequest(); request !== undefined; request = service.nextRequest()) {
      if (request.kind === "listen") this.#listens[place] = true;
      else if (request.kind === "stop-listening") this.#listens[place] = false;
      else if (request.kind === "close") this.break("the peer closed the connection");
      else if (request.kind === "connect") this.#connect(request.endpoint);
    }
  }

  #connect(_: StreamEndpoint): void {
    const [one, two] = this.ends;
    if (this.isCut || !this.#listens[0]) {
      two.service.closed(undefined, "nobody answers", this.now);
      return;
    }
    this.break("replaced");
    const ids = [++this.#newest, ++this.#newest] as const;
    this.#pipe = { ids, to: [[], []], isBlocked: [false, false] };
    one.service.opened(ids[0], this.now);
    two.service.opened(ids[1], this.now);
  }

  #send(from: 0 | 1, length: number): boolean {
    const pipe = this.#pipe;
    if (pipe === undefined) return true;
    const to = pipe.to[from === 0 ? 1 : 0];
    to.push(new Uint8Array(this.#out.buffer.slice(0, length)));
    const waits = to.reduce((sum, each) => sum + each.length, 0) > WINDOW;
    pipe.isBlocked[from] = waits;
    return !waits;
  }

  #deliver(): void {
    const pipe = this.#pipe;
    if (pipe === undefined || this.isCut) return;
    for (const end of this.ends) {
      const messages = pipe.to[end.place].splice(0);
      this.#corrupt(end, messages.at(-1));
      const octets = Buffer.concat(messages);
      if (octets.length > 0 && !end.isDeaf) this.#hand(end, pipe.ids[end.place], octets);
      const from = end.place === 0 ? 1 : 0;
      if (pipe.isBlocked[from]) {
        pipe.isBlocked[from] = false;
        this.ends[from].service.writable(pipe.ids[from]);
      }
    }
  }

  #hand(end: TableEnd, id: number, octets: Buffer): void {
    const cut = this.random.below(octets.length + 1);
    for (const piece of [octets.subarray(0, cut), octets.subarray(cut)]) {
      const own = Uint8Array.from(piece);
      if (own.length > 0) end.service.received(id, new DataView(own.buffer), 0, own.length, this.now);
    }
  }

  #corrupt(end: TableEnd, message: Uint8Array | undefined): void {
    if (this.corrupts !== end.place || message === undefined || !CORRUPTIBLE.includes(message[3] as number)) return;
    this.corrupts = undefined;
    const at = message.length - 1 - this.random.below(8);
    message[at] = (message[at] as number) ^ 1;
  }

  /** The connection ends for both. */
  break(text = "reset"): void {
    const pipe = this.#pipe;
    this.#pipe = undefined;
    if (pipe !== undefined) for (const end of this.ends) end.service.closed(pipe.ids[end.place], text, this.now);
  }

  /** A process is killed and begins anew. */
  restart(place: 0 | 1, keeps: boolean): void {
    this.break("the peer closed the connection");
    this.#listens[place] = false;
    this.ends[place].restart(keeps, this.now);
  }
}
