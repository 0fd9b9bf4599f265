/** Numbers of objects in the order of their creation, which stay with a name while it is there. */
export class Indexes {
  readonly #first: number;
  readonly #byName = new Map<string, number>();

  constructor(first: number) {
    this.#first = first;
  }

  /** These are the names there are; a new one has the lowest number that is free. */
  set(names: readonly string[]): void {
    const wanted = new Set(names);
    for (const name of this.#byName.keys()) if (!wanted.has(name)) this.#byName.delete(name);
    const used = new Set(this.#byName.values());
    let next = this.#first;
    for (const name of names) {
      if (this.#byName.has(name)) continue;
      while (used.has(next)) next++;
      used.add(next);
      this.#byName.set(name, next);
    }
  }

  of(name: string): number {
    return this.#byName.get(name) ?? this.#first;
  }
}
