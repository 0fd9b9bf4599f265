import { earliest, later, type Micros, millis, NEVER, seconds } from "../../core/base/time.js";
import type { Checkpoint } from "../../core/device/checkpoint.js";
import type { Timed } from "../loop.js";
import { printCheckpoint } from "./checkpoint.js";

/** The name of the checkpoint in the store. */
export const CHECKPOINT = "checkpoint";

/** A stamp says: so it was at this time. The next process counts from it what the partners have heard last. */
const STAMP_INTERVAL = seconds(1);

/** After an input the checkpoint may have changed; looked at so seldom that a busy engine is not slowed. */
const LOOK_INTERVAL = millis(100);

/** `save` is written behind, `keep` is in place when it returns. */
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

  /** The engine was told something. */
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
    if (checkpoint !== this.#saved || now - this.#stamped >= STAMP_INTERVAL)
      this.#store.save(CHECKPOINT, this.#print(checkpoint, now));
  }

  /** The last word of this process. */
  save(now: Micros): void {
    this.#store.save(CHECKPOINT, this.#print(JSON.stringify(this.#take()), now));
  }

  /** Before anybody is told: a kill at any later moment finds it. */
  keep(now: Micros): void {
    this.#store.keep(CHECKPOINT, this.#print(JSON.stringify(this.#take()), now));
  }

  #print(checkpoint: string, now: Micros): string {
    this.#saved = checkpoint;
    this.#stamped = now;
    return printCheckpoint(checkpoint, this.#boot, now);
  }
}
