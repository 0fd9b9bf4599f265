/**
 * Turns of the event loop, given out one at a time: whoever has a slice of long work waits here, so that the work of one
 * turn stays one slice however many wait.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves in a turn in which nobody else's has. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#give);
    });
  }

  readonly #give = (): void => {
    this.#waiting.shift()?.();
    // An immediate that is set within one runs in the turn after it.
    if (this.#waiting.length > 0) setImmediate(this.#give);
  };
}
