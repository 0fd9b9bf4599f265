import { constants } from "node:os";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { planeAddon } from "../native/plane.js";
import type { TrunkState } from "./plane.js";

/** Places that fit in one turn of the event loop. */
const MOST_PLACES = 8;
/** Notifications that fit in one turn. */
const MOST_NOTIFICATIONS = 256;

/** Where something changed: an interface, or a table of nftables by its name. */
export type Place = InterfaceIndex | string;

/** Where the sub-interfaces of a trunk are, and where its members are too. */
export const subPlaces = ({ subInterfaces }: TrunkState): Place[] =>
  [...subInterfaces.values()].flatMap(({ outer, inner }) => [outer.index, inner.index]);
export const placesBeside = (trunk: TrunkState): Place[] => [...subPlaces(trunk), ...trunk.members.keys()];

interface PlaneWatchOptions {
  /** Hears of tables of nftables, else of qdiscs and filters. */
  readonly nftables: boolean;
  /** Something waits: call `due`. */
  readable(): void;
  /** All places there are, for notifications that got lost. */
  everywhere(): Iterable<Place>;
}

/**
 * Where to look, since the kernel or the watch of links said that something changed there. Each place is looked at once in a later
 * turn, so that decisions on a lost link do not wait for it, and changes that come together are one.
 */
export class PlaneWatch {
  readonly #native = planeAddon();
  readonly #options: PlaneWatchOptions;
  readonly #events;
  readonly #places = new Set<Place>();
  #isDue = false;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: PlaneWatchOptions) {
    this.#options = options;
    const events = this.#native.planeWatchOpen(options.nftables, () => options.readable());
    // A kernel that does not tell leaves it to the rounds of the core.
    this.#events = typeof events === "number" ? undefined : events;
  }

  noticed(place: Place): void {
    this.#places.add(place);
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#isDue = true;
      this.#options.readable();
    });
  }

  /** The places to look at now. */
  due(): ReadonlySet<Place> {
    this.#read();
    if (!this.#isDue) return new Set();
    this.#isDue = false;
    const due = new Set([...this.#places].slice(0, MOST_PLACES));
    for (const place of due) this.#places.delete(place);
    const [next] = this.#places;
    if (next !== undefined) this.noticed(next);
    return due;
  }

  /** What is not read now makes the watch readable again. */
  #read(): void {
    if (this.#events === undefined) return;
    for (let read = 0; read < MOST_NOTIFICATIONS; read++) {
      const place = this.#native.planeWatchNext(this.#events);
      if (typeof place === "string" || place > 0) this.noticed(place);
      else if (-place === constants.errno.ENOBUFS) for (const each of this.#options.everywhere()) this.noticed(each);
      else return;
    }
  }

  close(): void {
    clearImmediate(this.#soon);
    if (this.#events !== undefined) this.#native.planeWatchClose(this.#events);
  }
}
