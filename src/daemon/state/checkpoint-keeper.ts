import { earliest, later, type Micros, millis, NEVER, seconds } from "../../core/base/time.js";
import type { Checkpoint } from "../../core/device/checkpoint.js";
import type { Timed } from "../loop.js";
import { printCheckpoint } from "./checkpoint.js";

/** The name of the checkpoint in the store. */
export const CHECKPOINT = "checkpoint";

/** How often the checkpoint is stamped. From the stamp the next process counts how long the partners have heard nothing. */
const STAMP_INTERVAL = seconds(1);

/** Least time between two looks for a changed checkpoint, so that they do not slow a busy engine. */
const LOOK_INTERVAL = millis(100);

/** `save` writes in the background; with `keep` the text is in place when it returns. */
export interface CheckpointStore {
  save(name: string, text: string): void;
  keep(name: string, text: string): void;
}

/** Saves the engine's checkpoint when it changed, and stamps it every second. */
export class CheckpointKeeper implements Timed {
  readonly #take: () => Checkpoint;
  readonly #store: CheckpointStore;
  readonly #boot: string;
  #saved = "";
  #stamped: Micros;
  #looked: Micros;
  #lookAgain = false;

  /** `boot` is the kernel's boot_id. */
  constructor(take: () => Checkpoint, store: CheckpointStore, boot: string, now: Micros) {
    this.#take = take;
    this.#store = store;
    this.#boot = boot;
    this.#stamped = now;
    this.#looked = now;
  }

  /** The engine took an input, so the checkpoint may have changed. */
  touched(): void {
    this.#lookAgain = true;
  }

  nextDeadline(): Micros {
    const look = this.#lookAgain ? later(this.#looked, LOOK_INTERVAL) : NEVER;
    return earliest(look, later(this.#stamped, STAMP_INTERVAL));
  }

  expire(now: Micros): void {
    const checkpoint = JSON.stringify(this.#take());
    this.#looked = now;
    this.#lookAgain = false;
    // It is for a process of the same boot, so it is not synced to the disk.
    if (checkpoint !== this.#saved || now - this.#stamped >= STAMP_INTERVAL)
      this.#store.keep(CHECKPOINT, this.#print(checkpoint, now));
  }

  /** Saves the last checkpoint of this process. */
  save(now: Micros): void {
    this.#store.save(CHECKPOINT, this.#print(JSON.stringify(this.#take()), now));
  }

  /** Keeps the checkpoint before any PDU tells of it, so that the next process finds it after a kill. */
  keep(now: Micros): void {
    this.#store.keep(CHECKPOINT, this.#print(JSON.stringify(this.#take()), now));
  }

  #print(checkpoint: string, now: Micros): string {
    this.#saved = checkpoint;
    this.#stamped = now;
    return printCheckpoint(checkpoint, this.#boot, now);
  }
}
