/** Questions about ARP and ND entries. */
import { parseIpAddress } from "../../base/ip-address.js";
import { NO_ROW } from "../../base/neighbours/change-list.js";
import type { Budget, NeighbourTable } from "../../base/neighbours/table.js";
import type { KeptTable, NeighbourService } from "../../base/neighbours/tables.js";
import { secondsOf } from "../../base/time.js";
import { trunkName } from "../../base/trunk-names.js";
import { type Acting, type Answering, Refusal } from "../../contract/questions.js";
import type { Learner, LearnerCounters } from "../../neighbours/learner.js";
import { isIn } from "../../neighbours/segment.js";
import { entryView, type NeighbourView, ownView } from "./display.js";
import type { ProfiledSegment } from "./segments.js";

export type * from "./display.js";

/** What a display of entries is limited to; what is left out limits nothing. */
interface EntriesAsked {
  readonly service: NeighbourService;
  readonly interface?: string;
  readonly address?: string;
  /** Bits of the network of `address`; without them it is one host. */
  readonly length?: number;
  readonly type?: NeighbourView["type"];
}

/** What was heard and kept of a service. */
export interface NeighbourStatistics extends LearnerCounters {
  readonly entries: number;
  readonly own: number;
  readonly copies: number;
  /** Entries whose hosts did not answer. */
  readonly expired: number;
  readonly most: number;
}

export interface NeighbourQuestions {
  readonly neighbours: { readonly asks: EntriesAsked; readonly answer: { readonly entries: readonly NeighbourView[] } };
  readonly "neighbour-statistics": {
    readonly asks: { readonly service: NeighbourService };
    readonly answer: NeighbourStatistics;
  };
}

export interface NeighbourActions {
  /** Drops entries: those of the peer too where `type` says so or nothing is named. */
  readonly "reset-neighbours": {
    readonly asks: Omit<EntriesAsked, "length" | "type"> & { readonly type?: "dynamic" | "remote-backup" };
    readonly answer: null;
  };
}

/** What answers are made of. */
export interface NeighbourSources {
  readonly learner: Learner;
  segments(): Iterable<ProfiledSegment>;
  tables(): Iterable<KeptTable>;
  budgetOf(service: NeighbourService): Readonly<Budget>;
  expired(service: NeighbourService): number;
  /** Copies of a profile were dropped. */
  copiesReset(profile: string, service: NeighbourService): void;
}

interface Found {
  readonly kept: KeptTable;
  readonly table: NeighbourTable;
  readonly row: number;
  readonly segment: ProfiledSegment | undefined;
  readonly place: string;
}

const unknownInterface = (name: string): Refusal => new Refusal(`No entries are learned on ${name}.`);

/** The octets of an address of the service; undefined: it is of none. */
function octetsOf(service: NeighbourService, text: string): Uint8Array | undefined {
  const address = parseIpAddress(text);
  if (address === undefined || address.isIpv4 !== (service === "arp")) return undefined;
  return address.isIpv4 ? address.octets.subarray(12) : address.octets;
}

/** The entries of a service, made while they are asked for: the table may change in between. */
function* entriesOf(
  sources: NeighbourSources,
  { service, interface: name, address, length }: EntriesAsked,
): Generator<Found> {
  const octets = address === undefined ? undefined : octetsOf(service, address);
  const network = octets && { octets, length: length ?? 8 * octets.length };
  for (const kept of sources.tables()) {
    if (kept.service !== service) continue;
    const { table } = kept;
    const segments = new Map(
      [...sources.segments()].flatMap((each) => (each[service] === table ? [[each.vlans, each] as const] : [])),
    );
    for (let row = table.rowAfter(NO_ROW); row !== NO_ROW; row = table.rowAfter(row)) {
      if (!table.hasClaim(row)) continue;
      const segment = segments.get(table.vlans(row));
      const place = segment?.name ?? trunkName(kept.trunk);
      if (name !== undefined && place !== name) continue;
      if (network === undefined || isIn(network, table.addressAt(row))) yield { kept, table, row, segment, place };
    }
  }
}

function* viewsOf(sources: NeighbourSources, asked: EntriesAsked, now: number): Generator<NeighbourView> {
  const wants = (type: NeighbourView["type"]): boolean => asked.type === undefined || asked.type === type;
  const octets = asked.address === undefined ? undefined : octetsOf(asked.service, asked.address);
  const network = octets && { octets, length: asked.length ?? 8 * octets.length };
  if (wants("interface"))
    for (const segment of sources.segments()) {
      if (segment[asked.service] === undefined) continue;
      if (asked.interface !== undefined && segment.name !== asked.interface) continue;
      for (const own of asked.service === "arp" ? segment.ipv4 : segment.ipv6)
        if (own.isTentative !== true && (network === undefined || isIn(network, own.octets)))
          yield ownView(segment, own.octets, segment.mac);
    }
  for (const { table, row, segment, place } of entriesOf(sources, asked))
    if (wants(table.isOwn(row) ? "dynamic" : "remote-backup")) yield entryView(table, row, segment, place, now);
}

const isKnown = (sources: NeighbourSources, name: string | undefined): boolean =>
  name === undefined || [...sources.segments()].some((segment) => segment.name === name);

export const neighbourAnswers = (sources: NeighbourSources): Answering<NeighbourQuestions> => ({
  neighbours: (asked, { now }) => {
    if (!isKnown(sources, asked.interface)) return unknownInterface(asked.interface as string);
    if (asked.address !== undefined && octetsOf(asked.service, asked.address) === undefined)
      return new Refusal(`${asked.address} is no address of the kind.`);
    return { entries: viewsOf(sources, asked, secondsOf(now)) };
  },
  "neighbour-statistics": ({ service }) => {
    const tables = [...sources.tables()].filter((kept) => kept.service === service).map(({ table }) => table);
    const sum = (count: (table: NeighbourTable) => number): number =>
      tables.reduce((all, table) => all + count(table), 0);
    return {
      ...sources.learner.counters[service],
      entries: sum(({ count }) => count),
      own: sum(({ owns }) => owns),
      copies: sum(({ copies }) => copies),
      expired: sources.expired(service),
      most: sources.budgetOf(service).most,
    };
  },
});

export const neighbourActing = (sources: NeighbourSources): Acting<NeighbourActions> => ({
  "reset-neighbours": (asked) => {
    if (!isKnown(sources, asked.interface)) return unknownInterface(asked.interface as string);
    if (asked.address !== undefined && octetsOf(asked.service, asked.address) === undefined)
      return new Refusal(`${asked.address} is no address of the kind.`);
    const reset = new Set<KeptTable>();
    for (const { kept, table, row } of entriesOf(sources, asked)) {
      if (asked.type !== "dynamic" && table.isCopy(row)) {
        table.dropCopy(row);
        reset.add(kept);
      }
      if (asked.type !== "remote-backup") table.dropOwn(row);
    }
    for (const { profile, service } of reset) sources.copiesReset(profile, service);
    return null;
  },
});
