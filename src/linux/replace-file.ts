import { constants } from "node:os";
import { replaceFileAddon } from "./native/replace-file.js";
import { systemError } from "./system-error.js";

/** A file that is to be replaced as a whole. */
interface Replacement {
  readonly path: string;
  readonly temporary: string;
  /** Undefined: the temporary file is written already. */
  readonly text: string | undefined;
  /** How long is waited, and how long while an earlier replacement is not done; milliseconds, 60,000 at most. */
  readonly patience: number;
  readonly behind: number;
}

/**
 * Replaces a file, in the order of the calls. False: it is not in place yet, the disk is slow; it will be, unless a later call for the
 * path comes first. Throws when it cannot be replaced.
 */
export function replaceFile({ path, temporary, text, patience, behind }: Replacement): boolean {
  const octets = new TextEncoder().encode(text ?? "");
  const result = replaceFileAddon().replaceFile(temporary, path, octets, text !== undefined, patience, behind);
  if (result === 0) return true;
  if (result === -constants.errno.EINPROGRESS) return false;
  throw systemError(`rename ${path}`, -result);
}
