import { addon } from "./addon.js";
import type { KernelLink } from "./link.js";

interface Watch {
  readonly kind: "watch";
}

/** What the thread that looks after carriers learned of an interface: 1, 0, or -1 when its driver cannot say. */
interface CarrierAnswer {
  readonly index: number;
  readonly carrier: number;
}

/** Around the links of a dump: one that is not in it is gone. */
interface DumpMark {
  readonly dump: "begin" | "end";
}

interface WatchFunctions {
  watchOpen(readable: () => void): Watch | number;
  /** What is new, oldest first; undefined when nothing waits. */
  watchNext(watch: Watch): KernelLink | CarrierAnswer | DumpMark | undefined;
  /** The interfaces whose carrier the thread looks after. */
  watchPoll(watch: Watch, indexes: Uint32Array): number;
  watchClose(watch: Watch): void;
}

export const watchAddon = (): WatchFunctions => addon();
