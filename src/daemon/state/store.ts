import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../linux/replace-file.js";
import { systemReason } from "../start-failure.js";

/** How long what must survive a kill is waited for, in milliseconds: the world waits too. */
const KEEP_PATIENCE = 20;
/** How long what must survive a power failure is waited for, in milliseconds. */
const NOW_PATIENCE = 60_000;
/** How long a disk that hangs, or refuses a text, is left alone, in milliseconds. */
const LATE_PERIOD = 1_000;
const SLOW = `the disk takes longer than ${KEEP_PATIENCE} ms, what is told meanwhile is not kept for the process after a kill`;

/** Small texts that survive a restart. A reader finds the old text or the new one, never a part, after a crash too. */
export class Store {
  readonly folder: string;
  /** Names whose last text could not be written, and why. */
  readonly #failures = new Map<string, string>();
  #tell: (name: string, reason: string | undefined) => void = () => {};
  /** The newest text of each name that is not on disk yet. */
  readonly #waiting = new Map<string, string>();
  readonly #writing = new Set<string>();
  /** Texts that a slow disk may not have in place yet, and those that it refused. */
  readonly #late = new Map<string, string>();
  readonly #refusedTexts = new Map<string, string>();
  #again: NodeJS.Timeout | undefined;
  /** Names that `keep` or `saveNow` wrote since the background write of the name began. */
  readonly #overtaken = new Set<string>();

  /** `folder`: an existing folder; each name is a file in it. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Tells what cannot be written, each name once with the reason; and, without a reason, when it can be again. A text that could
   * not be written is tried again each second, unless a newer one of its name takes its place.
   */
  follow(tell: (name: string, reason: string | undefined) => void): void {
    this.#tell = tell;
    for (const [name, reason] of this.#failures) tell(name, reason);
  }

  #failed(name: string, text: string, error: Error): void {
    this.#refusedTexts.set(name, text);
    this.#tryAgain();
    this.#refused(name, systemReason(error));
  }

  #refused(name: string, reason: string): void {
    if (this.#failures.get(name) === reason) return;
    this.#failures.set(name, reason);
    this.#tell(name, reason);
  }

  #succeeded(name: string): void {
    this.#refusedTexts.delete(name);
    if (this.#failures.delete(name)) this.#tell(name, undefined);
  }

  /** The stored text; undefined when there is none. Throws when it cannot be read. */
  load(name: string): string | undefined {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return waiting;
    try {
      return readFileSync(this.#path(name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Writes in the background; of texts saved faster than the disk takes them only the last is written. */
  save(name: string, text: string): void {
    this.#refusedTexts.delete(name);
    this.#waiting.set(name, text);
    if (!this.#writing.has(name)) void this.#write(name);
  }

  /**
   * The text is in place when this returns, so the next process finds it after a kill. A disk that hangs is waited for 20 ms once, and
   * then no more until it goes on: the text will be in place then. A second time that it is not done is told, within a second.
   */
  keep(name: string, text: string): void {
    this.#waiting.delete(name);
    this.#refusedTexts.delete(name);
    this.#overtaken.add(name);
    try {
      this.#replaceSoon(name, text, `${this.#path(name)}.last`, true);
    } catch (error) {
      this.#failed(name, text, error as Error);
    }
  }

  /** The text is on disk when this returns, and outlives a kill and a power failure. Throws when it cannot be written. */
  saveNow(name: string, text: string): void {
    this.#waiting.delete(name);
    this.#refusedTexts.delete(name);
    this.#put(name, text);
  }

  /** `writes`: else the temporary file holds the text already. */
  #replaceSoon(name: string, text: string, temporary: string, writes: boolean): void {
    const what = { path: this.#path(name), temporary, text: writes ? text : undefined };
    const isInPlace = replaceFile({ ...what, patience: KEEP_PATIENCE, behind: 0 });
    // Once late may be a busy processor: a disk is told as slow when it is not done by the next time.
    const isLateAgain = this.#late.delete(name);
    if (isInPlace) {
      this.#succeeded(name);
      return;
    }
    this.#late.set(name, text);
    if (isLateAgain) this.#refused(name, SLOW);
    this.#tryAgain();
  }

  #tryAgain(): void {
    this.#again ??= setTimeout(() => this.#keepLate(), LATE_PERIOD).unref();
  }

  /** Looks whether the disk goes on: asks again for what is not known to be in place. */
  #keepLate(): void {
    this.#again = undefined;
    for (const [name, text] of [...this.#late]) this.keep(name, text);
    for (const [name, text] of [...this.#refusedTexts]) this.save(name, text);
  }

  /** Writes all waiting texts before it returns, for the end of the process. */
  flush(): void {
    for (const [name, text] of this.#waiting) {
      try {
        this.#put(name, text);
      } catch (error) {
        this.#failed(name, text, error as Error);
      }
    }
    this.#waiting.clear();
  }

  async #write(name: string): Promise<void> {
    this.#writing.add(name);
    for (let text = this.#waiting.get(name); text !== undefined; text = this.#waiting.get(name)) {
      try {
        const isInPlace = await this.#replace(name, text);
        if (isInPlace && this.#waiting.get(name) === text) this.#waiting.delete(name);
      } catch (error) {
        this.#failed(name, text, error as Error);
        break;
      }
    }
    this.#writing.delete(name);
  }

  /** False when a newer text of the name was written meanwhile. */
  async #replace(name: string, text: string): Promise<boolean> {
    const temporary = `${this.#path(name)}.new`;
    this.#overtaken.delete(name);
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    // Asked for in the same turn, so that no flush comes between.
    const isOvertaken = this.#overtaken.has(name);
    if (isOvertaken) rmSync(temporary, { force: true });
    else this.#replaceSoon(name, text, temporary, false);
    return !isOvertaken;
  }

  #put(name: string, text: string): void {
    // Another name than the background write's, which may be under way.
    const temporary = `${this.#path(name)}.last`;
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    this.#overtaken.add(name);
    const path = this.#path(name);
    if (!replaceFile({ path, temporary, text: undefined, patience: NOW_PATIENCE, behind: NOW_PATIENCE }))
      throw new Error(`${path}: the disk hangs`);
    this.#succeeded(name);
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}
