import type { Known } from "../config/language/help.js";
import type { CommandLine } from "./command-line.js";

/** The candidates being walked through by repeated Tabs. */
interface Walk {
  readonly before: string;
  readonly candidates: readonly string[];
  readonly at: number;
  /** The text as the last Tab left it. */
  readonly text: string;
}

/** What Tab does to the text before the cursor: the longest common beginning first, then one candidate after the other. */
export class TabCompletion {
  #walk: Walk | undefined;

  /** The text as it is now; undefined when nothing fits. */
  next(text: string, known: Known, commands: CommandLine): string | undefined {
    const walk = this.#walk;
    if (walk && walk.text === text) {
      const at = (walk.at + 1) % walk.candidates.length;
      return this.#keep({ ...walk, at, text: walk.before + walk.candidates[at]! });
    }
    this.#walk = undefined;
    const { start, candidates } = commands.complete(text, known);
    const [only] = candidates;
    if (only === undefined) return undefined;
    const before = text.slice(0, start);
    if (candidates.length === 1) return `${before}${only} `;
    const common = before + commonBeginning(candidates);
    if (common.length > text.length) return this.#keep({ before, candidates, at: -1, text: common });
    return this.#keep({ before, candidates, at: 0, text: before + only });
  }

  #keep(walk: Walk): string {
    this.#walk = walk;
    return walk.text;
  }
}

function commonBeginning(words: readonly string[]): string {
  const [first = "", ...others] = words;
  let length = first.length;
  for (const word of others) while (!word.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
