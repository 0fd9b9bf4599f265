import { regularExpression } from "./regular-expression.js";

/** A key as node:readline reports it. */
export interface Key {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
  readonly sequence?: string | undefined;
}

/** Lines of a page unless `screen-length` says otherwise. */
export const PAGE_LINES = 24;

const MORE = "  ---- More ----";
/** To the start of the line, and nothing left of it. */
const ERASE = "\r\x1b[K";

export interface Screen {
  write(text: string): void;
  /** Characters of a row; Infinity when not known. */
  readonly columns: number;
}

/**
 * Shows a text page by page. At `---- More ----`: Space shows the next page, Enter the next line, `+` and `-` and `/` with an
 * expression include, exclude and begin; any other key stops.
 */
export class Pager {
  readonly #screen: Screen;
  readonly #pageRows: number;
  readonly #finish: () => void;
  #lines: string[];
  /** The filter that is being typed after MORE, beginning with its letter. */
  #filter: string | undefined;

  constructor(text: string, pageRows: number, screen: Screen, finish: () => void) {
    this.#screen = screen;
    this.#pageRows = pageRows;
    this.#finish = finish;
    this.#lines = text.split("\n");
    if (this.#lines.at(-1) === "") this.#lines.pop();
    this.#show(pageRows);
  }

  #show(rows: number): void {
    let left = rows;
    while (this.#lines.length > 0 && left > 0) {
      const line = this.#lines.shift()!;
      // A wide line takes several rows; a line larger than a page is shown all the same.
      left -= Math.max(1, Math.ceil(line.length / this.#screen.columns));
      this.#screen.write(`${line}\n`);
    }
    if (this.#lines.length > 0) this.#screen.write(MORE);
    else this.#finish();
  }

  key(character: string | undefined, key: Key): void {
    if (key.ctrl && key.name === "c") this.stop();
    else if (this.#filter !== undefined) this.#type(character, key);
    else if (key.name === "space") this.#advance(this.#pageRows);
    else if (key.name === "return" || key.name === "enter") this.#advance(1);
    else if (character === "+" || character === "-" || character === "/") {
      this.#filter = character;
      this.#screen.write(`${ERASE}${character}`);
    } else this.stop();
  }

  stop(): void {
    this.#screen.write(ERASE);
    this.#lines = [];
    this.#finish();
  }

  #advance(rows: number): void {
    this.#screen.write(ERASE);
    this.#show(rows);
  }

  #type(character: string | undefined, key: Key): void {
    if (key.name === "return" || key.name === "enter") this.#apply();
    else if (key.name === "backspace") {
      this.#filter = this.#filter!.slice(0, -1);
      if (this.#filter === "") this.#filter = undefined;
      this.#screen.write(`${ERASE}${this.#filter ?? MORE}`);
    } else if (character !== undefined && character >= " " && !key.ctrl && !key.meta) {
      this.#filter += character;
      this.#screen.write(character);
    }
  }

  #apply(): void {
    const [letter, text] = [this.#filter![0], this.#filter!.slice(1)];
    this.#filter = undefined;
    this.#screen.write("\n");
    const result = regularExpression(text);
    if ("problem" in result) {
      this.#screen.write(`Error: ${result.problem}.\n${MORE}`);
      return;
    }
    const fits = (line: string): boolean => result.expression.matches(line);
    const first = this.#lines.findIndex(fits);
    if (letter === "/") this.#lines = first < 0 ? [] : this.#lines.slice(first);
    else this.#lines = this.#lines.filter((line) => fits(line) === (letter === "+"));
    this.#show(this.#pageRows);
  }
}
