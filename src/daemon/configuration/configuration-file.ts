import { readFile } from "node:fs/promises";
import type { Model } from "../../config/model.js";
import { KEPT } from "../../config/reading/apply.js";
import { readConfiguration } from "../../config/reading/read.js";
import type { Target } from "../../config/reading/target.js";
import { StartFailure, systemReason } from "../start-failure.js";

export interface ReadFile {
  readonly model: Model;
  /** Each as `FILE:LINE: problem`; with a problem the model must not be used. */
  readonly problems: readonly string[];
  /** Each as `FILE:LINE: notice`: lines kept without effect, and warnings. */
  readonly notices: readonly string[];
}

/** Reads and checks a configuration file; an empty configuration without one. Throws StartFailure when it is unreadable. */
export async function readConfigurationFile(path: string | undefined, target: Target): Promise<ReadFile> {
  let text = "";
  try {
    if (path !== undefined) text = await readFile(path, "utf8");
  } catch (error) {
    throw new StartFailure(`configuration ${path}: ${systemReason(error)}; name a readable file with --config`);
  }
  // A file that is no configuration would have thousands of problems.
  if (text.includes("\0"))
    return { model: {}, problems: [`${path}:1: This is no text, so no configuration.`], notices: [] };
  const { model, problems, notices } = readConfiguration(text, target);
  const place = ({ line, text }: { readonly line: number; readonly text: string }): string =>
    `${path}:${line}: ${text}`;
  // The shell's words, so that a notice is told from a problem.
  const told = notices.map(({ line, text }) => ({ line, text: `${text === KEPT ? "Info" : "Warning"}: ${text}` }));
  return { model, problems: problems.map(place), notices: told.map(place) };
}
