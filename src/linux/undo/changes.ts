import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { type LinkTable, readSetting, writeSetting } from "./settings.js";

/**
 * Values an interface shall have, by name of the setting: `mac`, `alias`, `mtu`, `up`, `promiscuous`, `master` (interface index of a
 * bridge), `filtering` of a bridge, `self-vlan/10` of it, `vlans` of a port of it, or the path of a sysctl with a `*` in place
 * of the interface's name. Settings are changed in this order and put back in reverse.
 */
export type Wishes = ReadonlyMap<string, string>;

/** The value a setting was found with, and the value it was given. */
export interface Change {
  readonly found: string;
  /** Undefined in a record of an older version; the setting is then put back whatever its value is now. */
  readonly made?: string | undefined;
}

/** The changed settings of an interface, by name. */
export type Changes = { readonly [what: string]: Change };

export interface ChangedInterface {
  readonly index: number;
  readonly changes: Changes;
}

/** A setting the kernel refused to change or to tell. */
export interface ChangeProblem {
  readonly link: KernelLink;
  readonly what: string;
  /** Undefined for one that cannot be read. */
  readonly value: string | undefined;
  readonly error: NodeJS.ErrnoException;
}

interface Due {
  readonly link: KernelLink;
  readonly what: string;
  readonly found: string;
  readonly value: string;
}

export interface InterfaceChangesOptions {
  readonly netlink: Netlink;
  /** The changes of an earlier process. */
  readonly recorded: readonly ChangedInterface[];
  /** The record has to be on disk when it returns. */
  save(): void;
}

/**
 * Changes settings of interfaces so that each change can be undone. The value a setting was found with is recorded before the
 * change, and put back, by this process or the next, when no other value is wanted any more. A setting that somebody else
 * changed meanwhile is left alone.
 */
export class InterfaceChanges {
  readonly #netlink: Netlink;
  readonly #save: () => void;
  readonly #record = new Map<number, Map<string, Change>>();

  constructor({ netlink, recorded, save }: InterfaceChangesOptions) {
    this.#netlink = netlink;
    this.#save = save;
    for (const { index, changes } of recorded) this.#record.set(index, new Map(Object.entries(changes)));
  }

  /** Nothing is to be put back. */
  get isEmpty(): boolean {
    return this.#record.size === 0;
  }

  record(): ChangedInterface[] {
    return [...this.#record.keys()].map((index) => ({ index, changes: this.of(index) }));
  }

  /** The recorded changes of one interface. */
  of(index: number): Changes {
    return Object.fromEntries(this.#record.get(index) ?? []);
  }

  /** An interface is gone, and its changes with it. */
  forget(index: number): void {
    this.#record.delete(index);
  }

  /** Puts back every setting that is not wanted any more; `wanted` holds all wishes, by interface index. */
  undo(wanted: ReadonlyMap<number, Wishes>, table: LinkTable): ChangeProblem[] {
    return this.#undo([...this.#record.keys()], wanted, table);
  }

  /** The same for one interface. */
  undoOf(index: number, wishes: Wishes, table: LinkTable): ChangeProblem[] {
    return this.#undo([index], new Map([[index, wishes]]), table);
  }

  #undo(indexes: readonly number[], wanted: ReadonlyMap<number, Wishes>, table: LinkTable): ChangeProblem[] {
    const gone = indexes.flatMap((index) =>
      backwards(this.#record.get(index) ?? new Map())
        .filter(([what]) => wanted.get(index)?.has(what) !== true)
        .map(([what, change]) => ({ index, what, found: change.found, stands: stands(index, what, change, table) })),
    );
    const problems = gone.flatMap(({ index, what, found, stands }) => {
      this.#drop(index, what);
      const link = table.at(index);
      if (!stands || link === undefined) return [];
      if (stands instanceof Error) return [{ link, what, value: undefined, error: stands }];
      // The bridge that had the port may be gone.
      const value = what === "master" && table.at(Number(found)) === undefined ? "0" : found;
      return this.#write({ link, what, value });
    });
    if (gone.length > 0) table.changed();
    return problems;
  }

  /** Records the settings that differ from the wishes before they are changed. True when the record has to be saved. */
  plan(wanted: ReadonlyMap<number, Wishes>, table: LinkTable): boolean {
    return this.#note(this.#due(wanted, table).due);
  }

  /** Changes the settings that differ from the wishes, and names them. */
  apply(
    wanted: ReadonlyMap<number, Wishes>,
    table: LinkTable,
    differs: (link: KernelLink, what: string) => void = () => {},
  ): ChangeProblem[] {
    const { due, problems } = this.#due(wanted, table);
    for (const { link, what } of due) differs(link, what);
    // A kill may come at any moment, so the values found are on disk before they change.
    if (this.#note(due)) this.#save();
    problems.push(...due.flatMap((each) => this.#write(each)));
    if (due.length > 0) table.changed();
    return problems;
  }

  /** The settings that differ from the wishes. A setting that cannot be read is left as it is. */
  #due(wanted: ReadonlyMap<number, Wishes>, table: LinkTable): { due: Due[]; problems: ChangeProblem[] } {
    const problems: ChangeProblem[] = [];
    const due = [...wanted].flatMap(([index, wishes]) => {
      const link = table.at(index);
      if (link === undefined) return [];
      return [...wishes].flatMap(([what, value]) => {
        try {
          const found = readSetting(what, link, table);
          return found === undefined || found === value ? [] : [{ link, what, found, value }];
        } catch (error) {
          problems.push({ link, what, value: undefined, error: error as NodeJS.ErrnoException });
          return [];
        }
      });
    });
    return { due, problems };
  }

  /** The first value found is the one to put back. True when something is new to the record. */
  #note(due: readonly Due[]): boolean {
    let isNew = false;
    for (const { link, what, found, value } of due) {
      const changes = this.#record.get(link.index) ?? new Map<string, Change>();
      this.#record.set(link.index, changes);
      const before = changes.get(what);
      isNew ||= before?.made !== value;
      changes.set(what, { found: before?.found ?? found, made: value });
    }
    return isNew;
  }

  #drop(index: number, what: string): void {
    const changes = this.#record.get(index);
    changes?.delete(what);
    if (changes?.size === 0) this.#record.delete(index);
  }

  #write({ link, what, value }: Pick<Due, "link" | "what" | "value">): ChangeProblem[] {
    try {
      writeSetting(what, this.#netlink, link, value);
      return [];
    } catch (error) {
      return [{ link, what, value, error: error as NodeJS.ErrnoException }];
    }
  }
}

/** Whether the setting still has the value it was given: false for an interface that is gone, an Error where nobody can say. */
function stands(index: number, what: string, { made }: Change, table: LinkTable): boolean | NodeJS.ErrnoException {
  const link = table.at(index);
  if (link === undefined || made === undefined) return link !== undefined;
  try {
    return readSetting(what, link, table) === made;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

/** Settings that are put back before (negative) and after (positive) the others. */
const PLACES: { readonly [what: string]: number } = { mtu: -1, vlans: 1 };

/**
 * The order of undoing is the last change first, with two exceptions: the device's MTU comes before all, for the kernel sets
 * the MTU of IPv6 along with it; the VLANs of a port come last, when the port is back in its bridge.
 */
const backwards = (changes: ReadonlyMap<string, Change>): [what: string, change: Change][] =>
  [...changes].reverse().sort(([one], [other]) => (PLACES[one] ?? 0) - (PLACES[other] ?? 0));
