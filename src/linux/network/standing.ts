/** Says of something that is wished whether it was found so; `value`: what it is to be, where it may be several. */
export type Look = (subject: string, isAsWished: boolean, value?: string) => void;

/** What stood as it is wished after a round: what is another way in the next one was changed by somebody. */
export class Standing {
  #before = new Map<string, string>();
  #now = new Map<string, string>();
  #changed: string[] = [];

  readonly look: Look = (subject, isAsWished, value = "") => {
    if (!isAsWished && this.#before.get(subject) === value) this.#changed.push(subject);
    this.#now.set(subject, value);
  };

  /** One that was broken off is forgotten. */
  begin(): void {
    this.#now = new Map();
    this.#changed = [];
  }

  /** Ends a round, in which everything was brought to what is wished but what was refused. Returns what somebody changed. */
  end(refused: Iterable<string>): readonly string[] {
    for (const subject of refused) this.#now.delete(subject);
    this.#before = this.#now;
    return this.#changed;
  }
}
