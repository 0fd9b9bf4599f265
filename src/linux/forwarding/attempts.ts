import type { InterfaceIndex } from "../../core/base/protocol.js";
import { asked } from "../answer.js";

/** A member, or undefined for the trunk itself. */
export type TrunkPlace = InterfaceIndex | undefined;

/** The kernel refuses something of a place for a reason in one line; undefined: nothing any more. */
type Answer = (place: TrunkPlace, text: string | undefined) => void;

/**
 * Requests of one trunk to the kernel. What one of them is refused for stands until a round, which makes all requests of the trunk
 * again, finds nothing refused.
 */
export class Attempts {
  readonly #answer: Answer;
  /** What the round under way found. */
  #found: Map<TrunkPlace, string[]> | undefined;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  attempt(place: TrunkPlace, action: () => void): void {
    const { refusal } = asked(action);
    if (refusal !== undefined) this.refuse(place, refusal);
  }

  refuse(place: TrunkPlace, text: string): void {
    if (this.#found === undefined) this.#answer(place, text);
    else this.#found.set(place, [...(this.#found.get(place) ?? []), text]);
  }

  /** Makes all requests; what is not refused among these places is granted. */
  round(members: () => Iterable<InterfaceIndex>, action: () => void): void {
    const found = new Map<TrunkPlace, string[]>();
    this.#found = found;
    this.attempt(undefined, action);
    this.#found = undefined;
    for (const place of [undefined, ...members()]) {
      const texts = found.get(place) ?? [];
      this.#answer(place, texts.length === 0 ? undefined : [...new Set(texts)].join("; "));
    }
  }
}
