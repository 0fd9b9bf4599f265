import { readFile } from "node:fs/promises";
import { KEPT } from "../../config/editing/texts.js";
import type { Model } from "../../config/model.js";
import { readingConfiguration } from "../../config/reading/read.js";
import type { Target } from "../../config/reading/target.js";
import { inSlices } from "../in-slices.js";
import { StartFailure, systemReason } from "../start-failure.js";

/** `return` is the last line of a configuration that was printed; JSON says itself where it ends. */
export type FileEnd = "return" | "open" | "json" | "empty";

export interface ReadFile {
  readonly model: Model;
  readonly end: FileEnd;
  /** How many lines it has. */
  readonly lines: number;
  /** Each as `FILE:LINE: problem`; with a problem the model must not be used. */
  readonly problems: readonly string[];
  /** Each as `FILE:LINE: notice`: lines kept without effect, and warnings. */
  readonly notices: readonly string[];
  /** A problem that is found in it later, as the others. */
  place(problem: { readonly line: number; readonly text: string }): string;
}

/** How a text ends; blank lines and comments are no content. */
export function endOf(text: string): FileEnd {
  if (text.trimStart().startsWith("{")) return "json";
  const last = text.split("\n").findLast((line) => !/^\s*(#|$)/.test(line));
  if (last === undefined) return "empty";
  return last.trim().toLowerCase() === "return" ? "return" : "open";
}

/** Reads and checks a configuration file; an empty configuration without one. Throws StartFailure when it is unreadable. */
export async function readConfigurationFile(path: string | undefined, target: Target): Promise<ReadFile> {
  let text = "";
  try {
    if (path !== undefined) text = await readFile(path, "utf8");
  } catch (error) {
    throw new StartFailure(`configuration ${path}: ${systemReason(error)}; name a readable file with --config`);
  }
  const place: ReadFile["place"] = ({ line, text }) => `${path}:${line}: ${text}`;
  const lines = Math.max(1, text.trimEnd().split("\n").length);
  const whole = { end: endOf(text), lines, place };
  // A file that is no configuration would have thousands of problems.
  if (text.includes("\0"))
    return { ...whole, model: {}, problems: [`${path}:1: This is no text, so no configuration.`], notices: [] };
  const { model, problems, notices } = await inSlices(readingConfiguration(text, target));
  // The shell's words, so that a notice is told from a problem.
  const told = notices.map(({ line, text }) => ({ line, text: `${text === KEPT ? "Info" : "Warning"}: ${text}` }));
  return { ...whole, model, problems: problems.map(place), notices: told.map(place) };
}
