import { constants } from "node:os";
import { ENTRY_OPERATIONS, EntryRows } from "../core/base/neighbours/entry-rows.js";
import { NEIGHBOUR_WIDTHS, type NeighbourService } from "../core/base/neighbours/tables.js";
import type { InterfaceIndex } from "../core/base/protocol.js";
import type { ListedNeighbours, Neighbours } from "../core/contract/host.js";
import { neighbourAddon } from "./native/neighbour.js";
import { type Netlink, netlinkAddon } from "./native/netlink.js";
import { Refusals, type TellRefusal } from "./refusals.js";
import { systemError } from "./system-error.js";

/** Entries that one turn hands over. */
const PIECE = 512;
const { EINTR, EINVAL, ENODEV, ENOBUFS } = constants.errno;

/** The entries of a service on an interface. */
interface EntriesOf {
  readonly service: NeighbourService;
  readonly index: InterfaceIndex;
}

export interface LinuxNeighboursOptions {
  /** Called from `drain` only. */
  listed(entries: ListedNeighbours): void;
  /** Something waits: call `drain`. */
  readable(): void;
  readonly refused: TellRefusal<EntriesOf>;
}

export interface LinuxNeighbours extends Neighbours {
  /** Hands over a piece of what was asked for; returns how many pieces. */
  drain(): number;
  close(): void;
}

/** The kernel's ARP and ND entries by rtnetlink. */
export function openNeighbours(options: LinuxNeighboursOptions): LinuxNeighbours {
  const [changes, lists] = [netlinkAddon().netlinkOpen(), netlinkAddon().netlinkOpen()];
  for (const socket of [changes, lists]) if (typeof socket === "number") throw systemError("rtnetlink socket", -socket);
  return new NetlinkNeighbours(changes as Netlink, lists as Netlink, options);
}

const nameOf = ({ service, index }: EntriesOf): string => `${service} ${index}`;
const serviceOf = (octets: Uint8Array): NeighbourService => (octets.length === NEIGHBOUR_WIDTHS.arp ? "arp" : "nd");

class NetlinkNeighbours implements LinuxNeighbours {
  readonly #addon = neighbourAddon();
  readonly #changes: Netlink;
  readonly #lists: Netlink;
  readonly #options: LinuxNeighboursOptions;
  readonly #refusals: Refusals<EntriesOf>;
  /** Addresses whose entries are refused, by interface and service. */
  readonly #refused = new Map<string, Set<string>>();
  readonly #asked = new Map<string, EntriesOf>();
  /** What is being read. */
  #reading: EntriesOf | undefined;
  /** The kernel knows the flag of validated entries (6.17); undefined until one was put in. */
  #validates: boolean | undefined;
  #errors = new Uint32Array(0);

  constructor(changes: Netlink, lists: Netlink, options: LinuxNeighboursOptions) {
    this.#changes = changes;
    this.#lists = lists;
    this.#options = options;
    this.#refusals = new Refusals(options.refused, nameOf);
  }

  change(rows: EntryRows): void {
    if (rows.count === 0) return;
    if (this.#errors.length < rows.count) this.#errors = new Uint32Array(rows.count);
    if (this.#validates === false) withoutValidated(rows);
    let result = this.#addon.neighboursChange(this.#changes, rows.used, this.#errors);
    if (this.#validates === undefined && hasValidated(rows)) {
      // The flag is the only thing in such a row that a kernel may not know.
      this.#validates = !(result > 0 && this.#errors.subarray(0, rows.count).includes(EINVAL));
      if (!this.#validates) {
        withoutValidated(rows);
        result = this.#addon.neighboursChange(this.#changes, rows.used, this.#errors);
      }
    }
    if (result < 0) this.#errors.fill(-result, 0, rows.count);
    if (result !== 0 || this.#refused.size > 0) this.#answered(rows);
  }

  #answered(rows: EntryRows): void {
    for (let row = 0; row < rows.count; row++) {
      const { index, octets } = rows.at(row);
      const subject = { service: serviceOf(octets), index };
      const errno = this.#errors[row] as number;
      const refused = this.#refused.get(nameOf(subject)) ?? new Set();
      // An interface that is gone took its entries along.
      if (errno === 0 || errno === ENODEV) refused.delete(octets.join("."));
      else refused.add(octets.join("."));
      if (refused.size > 0) this.#refused.set(nameOf(subject), refused);
      else this.#refused.delete(nameOf(subject));
      if (refused.size === 0) this.#refusals.answered(subject, undefined);
      else if (errno !== 0 && errno !== ENODEV) this.#refusals.answered(subject, textOf(subject, errno));
    }
  }

  list(index: InterfaceIndex, service: NeighbourService): void {
    const asked = { service, index };
    this.#asked.set(nameOf(asked), asked);
    setImmediate(this.#options.readable);
  }

  drain(): number {
    this.#reading ??= this.#begin();
    const reading = this.#reading;
    if (reading === undefined) return 0;
    const rows = new EntryRows(PIECE);
    const count = this.#addon.neighboursNext(this.#lists, rows.bytes);
    if (count < 0) {
      this.#reading = undefined;
      if (count === -EINTR) this.list(reading.index, reading.service);
      else if (count !== -ENODEV) this.#refusals.answered(reading, systemError("neighbours", -count).message);
      return 1;
    }
    rows.count = count;
    const isLast = count < PIECE;
    if (isLast) this.#reading = undefined;
    const { used } = rows;
    const octets = { bytes: new DataView(used.buffer, 0, used.length), start: 0, length: used.length };
    this.#options.listed({ ...reading, rows: octets, isLast });
    if (!isLast || this.#asked.size > 0) setImmediate(this.#options.readable);
    return 1;
  }

  /** Begins with what was asked for first. */
  #begin(): EntriesOf | undefined {
    for (const [name, asked] of this.#asked) {
      this.#asked.delete(name);
      const error = this.#addon.neighboursAsk(this.#lists, asked.index, NEIGHBOUR_WIDTHS[asked.service]);
      if (error === 0) return asked;
      this.#refusals.answered(asked, systemError("neighbours", -error).message);
    }
    return undefined;
  }

  close(): void {
    netlinkAddon().netlinkClose(this.#changes);
    netlinkAddon().netlinkClose(this.#lists);
  }
}

function hasValidated(rows: EntryRows): boolean {
  for (let row = 0; row < rows.count; row++) if (rows.at(row).operation === ENTRY_OPERATIONS.validated) return true;
  return false;
}

function withoutValidated(rows: EntryRows): void {
  for (let row = 0; row < rows.count; row++)
    if (rows.at(row).operation === ENTRY_OPERATIONS.validated) rows.setOperation(row, ENTRY_OPERATIONS.noArp);
}

function textOf({ service }: EntriesOf, errno: number): string {
  const { message } = systemError("neighbours", errno);
  const limit = `net.${service === "arp" ? "ipv4" : "ipv6"}.neigh.default.gc_thresh3`;
  return errno === ENOBUFS ? `${message}: the table of the host is full, see ${limit}` : message;
}
