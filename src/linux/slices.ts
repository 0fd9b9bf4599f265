/** How long a slice of work may hold the event loop, in milliseconds; a step that takes longer is a slice of its own. */
const SLICE = 5;

/** Work of many steps, done in slices of the event loop, so that frames and deadlines get their turn in between. */
export class Slices {
  readonly #works = new Map<unknown, Iterator<void>>();
  #soon: NodeJS.Immediate | undefined;
  #idle: (() => void)[] = [];

  /** Begins a work, in place of one of the same owner that is not done. The first slice is now. */
  begin(owner: unknown, work: Iterator<void>): void {
    this.#works.set(owner, work);
    this.#slice();
  }

  /** The same, but the first slice is in the next turn of the event loop. */
  beginSoon(owner: unknown, work: Iterator<void>): void {
    this.#works.set(owner, work);
    this.#goOnSoon();
  }

  /** The owner's work is not done yet. */
  has(owner: unknown): boolean {
    return this.#works.has(owner);
  }

  /** What is left of the owner's work is not done. */
  end(owner: unknown): void {
    this.#works.delete(owner);
    this.#settle();
  }

  /** Resolves when all is done. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#settle();
    });
  }

  #slice(): void {
    const end = performance.now() + SLICE;
    for (const [owner, work] of this.#works) {
      let isDone = false;
      while (!isDone && performance.now() < end) isDone = work.next().done === true;
      // A step may have begun another work of the owner.
      if (isDone && this.#works.get(owner) === work) this.#works.delete(owner);
    }
    this.#settle();
    if (this.#works.size > 0) this.#goOnSoon();
  }

  #goOnSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#slice();
    });
  }

  #settle(): void {
    if (this.#works.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
