import { NO_ROW } from "./change-list.js";
import { type Budget, MARKS, NeighbourTable } from "./table.js";

/** Octets of an address of each service that backs up neighbours (behaviour.md 4). */
export const NEIGHBOUR_WIDTHS = { arp: 4, nd: 16 } as const;
export type NeighbourService = keyof typeof NEIGHBOUR_WIDTHS;

const MOST_ENTRIES = 100_000;

/** Of one profile and service. */
export interface NeighboursOfProfile {
  readonly profile: string;
  readonly trunk: number;
  readonly service: NeighbourService;
}

export interface KeptTable extends NeighboursOfProfile {
  readonly table: NeighbourTable;
}

const nameOf = ({ profile, service }: Pick<NeighboursOfProfile, "profile" | "service">): string =>
  `${service} ${profile}`;
const isOfSame = (one: NeighboursOfProfile, other: NeighboursOfProfile): boolean =>
  nameOf(one) === nameOf(other) && one.trunk === other.trunk;

/** The tables of this device, one for each profile and service of neighbours, with one limit for each service. */
export class NeighbourTables {
  readonly #seed: number;
  readonly #budgets: { readonly [S in NeighbourService]: Budget };
  #kept = new Map<string, KeptTable>();
  /** Wanted no more, while the kernel still has entries of them. */
  #ending: KeptTable[] = [];

  /** `most`: rows of a service in all its tables. */
  constructor(seed: number, most = MOST_ENTRIES) {
    this.#seed = seed;
    this.#budgets = { arp: { most, used: 0, refused: 0 }, nd: { most, used: 0, refused: 0 } };
  }

  /** Undefined where the profile does not back up the service, or is bound to no interface. */
  of(profile: string, service: NeighbourService): NeighbourTable | undefined {
    return this.#kept.get(nameOf({ profile, service }))?.table;
  }

  all(): IterableIterator<KeptTable> {
    return this.#kept.values();
  }

  /** Tables whose entries have ended, until `sweep` finds that the kernel has none left. */
  get ending(): readonly KeptTable[] {
    return this.#ending;
  }

  /** The room of a service, and what found none. */
  budget(service: NeighbourService): Readonly<Budget> {
    return this.#budgets[service];
  }

  /** A table is wanted for each of these and for nothing else. */
  set(wanted: readonly NeighboursOfProfile[]): void {
    const before = this.#kept;
    this.#kept = new Map(wanted.map((each) => [nameOf(each), this.#tableFor(each, before)]));
    for (const [name, kept] of before) {
      if (this.#kept.get(name)?.table === kept.table) continue;
      empty(kept.table);
      this.#ending.push(kept);
    }
  }

  #tableFor(wanted: NeighboursOfProfile, before: ReadonlyMap<string, KeptTable>): KeptTable {
    const known = [before.get(nameOf(wanted)), ...this.#ending];
    const kept = known.find((each) => each !== undefined && isOfSame(each, wanted));
    if (kept !== undefined) {
      this.#ending = this.#ending.filter((each) => each !== kept);
      return kept;
    }
    const { service } = wanted;
    return { ...wanted, table: new NeighbourTable(NEIGHBOUR_WIDTHS[service], this.#budgets[service], this.#seed) };
  }

  sweep(): void {
    this.#ending = this.#ending.filter(({ table }) => table.rowAfter(NO_ROW) !== NO_ROW);
  }
}

/** Ends all entries; rows stay until the kernel has none of them. */
function empty(table: NeighbourTable): void {
  for (let row = table.rowAfter(NO_ROW); row !== NO_ROW; row = table.rowAfter(row)) {
    table.dropOwn(row);
    table.dropCopy(row);
    if (table.has(row, MARKS.told | MARKS.received)) table.unmark(row, MARKS.told | MARKS.received);
  }
}
