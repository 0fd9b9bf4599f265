/** LACP port numbers: they count from 1 over the whole device and stay with the interface, across processes too. */
export class PortNumbers {
  readonly #byName = new Map<string, number>();

  /** The number that a checkpoint gives an interface; one that is taken is not given again. */
  restore(name: string, number: number): void {
    if (![...this.#byName.values()].includes(number)) this.#byName.set(name, number);
  }

  /** The interface's number; a new interface gets the smallest that is free. */
  of(name: string): number {
    let number = this.#byName.get(name);
    if (number !== undefined) return number;
    const taken = new Set(this.#byName.values());
    number = 1;
    while (taken.has(number)) number++;
    this.#byName.set(name, number);
    return number;
  }

  known(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** Gives back the numbers of interfaces that are members of no trunk any more. */
  release(isMember: (name: string) => boolean): void {
    for (const name of [...this.#byName.keys()]) if (!isMember(name)) this.#byName.delete(name);
  }
}
