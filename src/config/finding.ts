import type { Path } from "./model.js";

/** One thing that is wrong, or worth a warning, in a model as a whole, and where. The text stands for itself, without `Error: `. */
export interface Finding {
  readonly path: Path;
  readonly text: string;
}
